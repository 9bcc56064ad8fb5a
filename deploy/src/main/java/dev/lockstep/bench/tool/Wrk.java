package dev.lockstep.bench.tool;

import dev.lockstep.bench.load.Spread;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Debian's {@code wrk}: HTTP/1.1, a closed loop on each of many connections.
 *
 * @param program where it is
 * @param threads that it uses
 */
public record Wrk(Path program, int threads) {
  private static final String TIME = "([0-9.]+)(us|ms|s|m|h)";
  private static final Pattern TOTAL = Pattern.compile("(\\d+) requests in " + TIME);
  private static final Pattern MEDIAN = Pattern.compile("\\n +50% +" + TIME);
  private static final Pattern TAIL = Pattern.compile("\\n +99% +" + TIME);
  private static final Pattern LONGEST = Pattern.compile("\\n +Latency +\\S+ +\\S+ +" + TIME + " ");
  private static final Pattern WRONG =
      Pattern.compile("(Non-2xx or 3xx responses|Socket errors): .*");

  /** Longer than a busy machine needs: what takes longer is a fault. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /**
   * {@return what it says of a run}
   *
   * @param seconds whole ones: it takes no others
   */
  public LoadFigures run(ToolRun tools, URI target, int connections, int seconds) {
    List<String> command =
        List.of(
            program.toString(),
            "--threads=" + threads,
            "--connections=" + connections,
            "--duration=" + seconds + "s",
            "--timeout=" + TIMEOUT.toSeconds() + "s",
            "--latency",
            target.toString());
    return parse(tools.run(command).orThrow("wrk").text());
  }

  /** {@return the figures in its output} */
  static LoadFigures parse(String output) {
    MatchResult total = Lines.find(TOTAL, output);
    long requests = Lines.number(total, 1);
    List<String> faults = new ArrayList<>();
    WRONG.matcher(output).results().forEach(it -> faults.add("wrk: " + it.group()));
    if (requests == 0) {
      faults.add("wrk: no request was answered");
    }
    Spread latency =
        new Spread(
            Math.toIntExact(requests),
            millis(Lines.find(MEDIAN, output), 1),
            millis(Lines.find(TAIL, output), 1),
            millis(Lines.find(LONGEST, output), 1));
    return new LoadFigures(
        requests, millis(total, 2) / 1e3, Optional.of(latency), Optional.empty(), faults);
  }

  /** {@return the time whose number is this group, and whose unit is the next} */
  private static double millis(MatchResult found, int group) {
    double unit =
        switch (found.group(group + 1)) {
          case "us" -> 1e-3;
          case "ms" -> 1;
          case "m" -> 60_000;
          case "h" -> 3_600_000;
          default -> 1_000;
        };
    return unit * Double.parseDouble(found.group(group));
  }
}
