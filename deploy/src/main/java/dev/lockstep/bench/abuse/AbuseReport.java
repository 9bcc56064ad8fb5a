package dev.lockstep.bench.abuse;

import dev.lockstep.bench.load.Spread;
import dev.lockstep.bench.proxy.MarkdownTable;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What it came to.
 *
 * @param rate of the client, in requests per second
 * @param length of each part
 * @param rows the first without a flood
 */
public record AbuseReport(double rate, Duration length, List<Row> rows) {
  private static final double MEBIBYTE = 1 << 20;

  /** Copies the rows. */
  public AbuseReport {
    rows = List.copyOf(rows);
  }

  /**
   * What a flood did.
   *
   * @param steps how many, or how many per second
   * @param thrownOut connections that the replica ended
   */
  public record Flood(double steps, long thrownOut) {
    static final Flood NONE = new Flood(0, 0);

    Flood during(double seconds) {
      return new Flood(steps / seconds, thrownOut);
    }
  }

  /**
   * What the replica used.
   *
   * @param processors processor time per time
   * @param peakBytes that it ever had resident until then
   */
  public record Use(double processors, long peakBytes) {}

  /**
   * The client beside one flood.
   *
   * @param name of the flood
   * @param flood what it did, per second
   * @param spread of the client's latency
   * @param failures of the client, in words
   * @param use of the replica
   */
  public record Row(String name, Flood flood, Spread spread, List<String> failures, Use use) {
    /** Copies the failures. */
    public Row {
      failures = List.copyOf(failures);
    }
  }

  /** {@return whether the client got all its answers} */
  public boolean passed() {
    return rows.stream().allMatch(row -> row.failures().isEmpty());
  }

  /** {@return it for people} */
  public String table() {
    MarkdownTable table =
        new MarkdownTable(
            List.of(
                "flood",
                "done/s",
                "thrown out",
                "client p50, ms",
                "p99, ms",
                "p99 to alone",
                "lost",
                "processors",
                "peak RSS, MiB"));
    double alone = rows.getFirst().spread().p99();
    for (Row row : rows) {
      table.add(
          row.name(),
          "%.0f".formatted(row.flood().steps()),
          Long.toString(row.flood().thrownOut()),
          "%.2f".formatted(row.spread().p50()),
          "%.2f".formatted(row.spread().p99()),
          "%.2f".formatted(row.spread().p99() / alone),
          Integer.toString(row.failures().size()),
          "%.2f".formatted(row.use().processors()),
          "%.0f".formatted(row.use().peakBytes() / MEBIBYTE));
    }
    String faults =
        rows.stream()
            .flatMap(
                row -> row.failures().stream().limit(3).map(it -> row.name() + ": " + it + "\n"))
            .collect(Collectors.joining());
    return "A client with %.0f requests/s, %d s beside each flood%n%n%s%n%s"
        .formatted(rate, length.toSeconds(), table.text(), faults);
  }

  /** {@return it for programs} */
  public String json() {
    return rows.stream()
        .map(
            row ->
                String.format(
                    Locale.ROOT,
                    "{\"flood\": \"%s\", \"stepsPerSecond\": %.0f, \"thrownOut\": %d,"
                        + " \"p50Millis\": %.3f, \"p99Millis\": %.3f, \"lost\": %d,"
                        + " \"processors\": %.3f, \"peakBytes\": %d}",
                    row.name(),
                    row.flood().steps(),
                    row.flood().thrownOut(),
                    row.spread().p50(),
                    row.spread().p99(),
                    row.failures().size(),
                    row.use().processors(),
                    row.use().peakBytes()))
        .collect(Collectors.joining(",\n  ", "[\n  ", "\n]\n"));
  }
}
