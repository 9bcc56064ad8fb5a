package dev.lockstep.bench.tool;

import dev.lockstep.bench.load.Spread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * nghttp2's {@code h2load}: HTTP/2 and HTTP/1.1, over TLS as well, a closed loop on each of many
 * connections with one request at a time.
 *
 * @param program where it is
 * @param threads that it uses
 */
public record H2load(Path program, int threads) {
  private static final Pattern SECONDS = Pattern.compile("finished in ([0-9.]+)(us|ms|s|min)");
  private static final Pattern REQUESTS =
      Pattern.compile(
          "requests: \\d+ total, \\d+ started, (\\d+) done, (\\d+) succeeded,"
              + " (\\d+) failed, (\\d+) errored, (\\d+) timeout");
  private static final Pattern STATUS =
      Pattern.compile("status codes: (\\d+) 2xx, (\\d+) 3xx, (\\d+) 4xx, (\\d+) 5xx");
  private static final Pattern TLS = Pattern.compile("TLS Protocol: (\\S+)\\s+Cipher: (\\S+)");

  /** What is spoken over TLS. */
  public enum Protocol {
    /** The first version with connections that stay open. */
    HTTP_1_1("http/1.1"),
    /** With one request at a time on each connection, to be comparable. */
    HTTP_2("h2");

    private final String alpn;

    Protocol(String alpn) {
      this.alpn = alpn;
    }

    /** {@return its name in a TLS handshake} */
    public String alpn() {
      return alpn;
    }
  }

  /**
   * How much load.
   *
   * @param connections at the same time
   * @param seconds how long
   * @param protocol which one
   */
  public record Load(int connections, int seconds, Protocol protocol) {}

  /** {@return what it says of a run} */
  public LoadFigures run(ToolRun tools, URI target, Load load) {
    Path log = tools.newFile("requests.tsv");
    List<String> command =
        List.of(
            program.toString(),
            "--threads=" + threads,
            "--clients=" + load.connections,
            "--max-concurrent-streams=1",
            "--duration=" + load.seconds,
            "--npn-list=" + load.protocol.alpn,
            "--log-file=" + log,
            target.toString());
    String output = tools.run(command).orThrow("h2load").text();
    try (Stream<String> lines = Files.lines(log)) {
      LoadFigures figures = parse(output, lines);
      Files.delete(log);
      return figures;
    } catch (IOException e) {
      throw new UncheckedIOException("h2load: its log", e);
    }
  }

  /**
   * {@return the figures in its output}
   *
   * @param log its lines for each request: start, status, microseconds
   */
  static LoadFigures parse(String output, Stream<String> log) {
    MatchResult requests = Lines.find(REQUESTS, output);
    MatchResult status = Lines.find(STATUS, output);
    long good = Lines.number(status, 1);
    List<String> faults = new ArrayList<>();
    long lost = Lines.number(requests, 3) + Lines.number(requests, 4) + Lines.number(requests, 5);
    if (lost > 0) {
      faults.add("h2load: " + requests.group());
    }
    if (good == 0 || good != Lines.number(requests, 2)) {
      faults.add("h2load: " + status.group());
    }
    List<Long> nanos =
        log.map(line -> line.split("\t", -1))
            .filter(fields -> fields.length >= 3 && fields[1].startsWith("2"))
            .map(fields -> 1_000 * Long.parseLong(fields[2]))
            .toList();
    return new LoadFigures(
        good,
        seconds(Lines.find(SECONDS, output)),
        nanos.isEmpty() ? Optional.empty() : Optional.of(Spread.of(nanos)),
        TLS.matcher(output).results().findFirst().map(it -> it.group(1) + " " + it.group(2)),
        faults);
  }

  private static double seconds(MatchResult found) {
    double unit =
        switch (found.group(2)) {
          case "us" -> 1e-6;
          case "ms" -> 1e-3;
          case "min" -> 60;
          default -> 1;
        };
    return unit * Double.parseDouble(found.group(1));
  }
}
