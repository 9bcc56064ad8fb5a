package dev.lockstep.bench.tool;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * {@code openssl s_time}: one handshake and one request on each connection, one connection after
 * the other; several of them at the same time. It names no server in the handshake.
 *
 * @param program where openssl is
 * @param processes how many run at the same time
 */
public record SslTime(Path program, int processes) {
  private static final Pattern TOTAL =
      Pattern.compile("(\\d+) connections in (\\d+) real seconds, (\\d+) bytes read");
  private static final Pattern MARKS = Pattern.compile("(?m)^[*trs]+$");

  /** Which handshakes. */
  public enum Handshake {
    /** With the server's signature, every time. */
    FULL("-new"),
    /** With a session of the connection before. */
    RESUMED("-reuse");

    private final String flag;

    Handshake(String flag) {
      this.flag = flag;
    }
  }

  /**
   * {@return what they say of a run together}
   *
   * @param seconds at least; it looks at a clock of whole seconds
   */
  public LoadFigures run(ToolRun tools, URI target, Handshake handshake, int seconds) {
    List<String> command =
        List.of(
            program.toString(),
            "s_time",
            "-connect",
            "127.0.0.1:" + target.getPort(),
            handshake.flag,
            "-time",
            Integer.toString(seconds),
            "-www",
            target.getRawPath() + request(target));
    long begin = System.nanoTime();
    List<ToolRun.Output> outputs = tools.runAll(Collections.nCopies(processes, command));
    double took = (System.nanoTime() - begin) / 1e9;
    List<String> texts = outputs.stream().map(it -> it.orThrow("s_time").text()).toList();
    return parse(texts, handshake, took);
  }

  /**
   * The tool writes a request of HTTP/1.0 without a header behind what it is given. So it is given
   * the header too, and what it writes itself becomes the value of a field.
   */
  private static String request(URI target) {
    return " HTTP/1.0\r\nHost: " + target.getHost() + "\r\nX-Rest:";
  }

  /** {@return the figures in the outputs of one run} */
  static LoadFigures parse(List<String> outputs, Handshake handshake, double seconds) {
    long connections = 0;
    List<String> faults = new ArrayList<>();
    for (String output : outputs) {
      // Of two reports the last one: before it resumes, it connects once to have a session.
      MatchResult total = Lines.find(TOTAL, output.substring(Math.max(0, output.indexOf("reuse"))));
      connections += Lines.number(total, 1);
      if (Lines.number(total, 1) == 0 || Lines.number(total, 3) == 0) {
        faults.add("s_time: " + total.group());
      }
      long full = full(output);
      long wanted = handshake == Handshake.FULL ? Lines.number(total, 1) : 0;
      if (full != wanted) {
        faults.add("s_time: %d full handshakes (expected: %d)".formatted(full, wanted));
      }
    }
    return new LoadFigures(connections, seconds, Optional.empty(), Optional.empty(), faults);
  }

  private static long full(String output) {
    return MARKS
        .matcher(output)
        .results()
        .flatMapToInt(line -> line.group().chars())
        .filter(mark -> mark != 'r')
        .count();
  }
}
