package dev.lockstep.bench.overload;

import dev.lockstep.bench.load.Spread;
import dev.lockstep.bench.proxy.MarkdownTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What it came to.
 *
 * @param capacity of the backend, in requests per second
 * @param length of each part
 * @param rows from the least load to the greatest
 */
public record OverloadReport(double capacity, Duration length, List<Row> rows) {
  private static final double LEAST_GOODPUT = 0.8;

  /** Copies the rows. */
  public OverloadReport {
    rows = List.copyOf(rows);
  }

  /**
   * One load.
   *
   * @param load offered, in times of what the backend can take
   * @param outcome what became of it
   * @param control what the replica said of itself meanwhile
   * @param processors processor time of the replica per time
   */
  record Row(double load, Crowd.Outcome outcome, ControlWatch.Seen control, double processors) {}

  /** {@return what is wrong, in words; empty when nothing is} */
  public List<String> faults() {
    double best = best();
    List<String> faults = new ArrayList<>();
    for (Row row : rows) {
      String at = "%.1f times: ".formatted(row.load());
      row.outcome().faults().stream().limit(3).forEach(what -> faults.add(at + what));
      if (!row.control().steady()) {
        faults.add(at + "ready " + row.control().text());
      }
      if (row.load() >= 1 && row.outcome().goodput() < LEAST_GOODPUT * best) {
        faults.add(at + "%.0f served/s".formatted(row.outcome().goodput()));
      }
    }
    return faults;
  }

  private double best() {
    return rows.stream().mapToDouble(row -> row.outcome().goodput()).max().orElse(0);
  }

  /** {@return it for people} */
  public String table() {
    MarkdownTable table =
        new MarkdownTable(
            List.of(
                "offered",
                "served/s",
                "of the best",
                "p50, ms",
                "p99, ms",
                "refused/s",
                "refused p50, ms",
                "p99, ms",
                "ready",
                "processors"));
    double best = best();
    for (Row row : rows) {
      Crowd.Outcome outcome = row.outcome();
      double refused = outcome.refused().map(Spread::count).orElse(0) / outcome.seconds();
      table.add(
          "%.1f times".formatted(row.load()),
          "%.0f".formatted(outcome.goodput()),
          "%.2f".formatted(outcome.goodput() / best),
          millis(outcome.served().map(Spread::p50)),
          millis(outcome.served().map(Spread::p99)),
          "%.0f".formatted(refused),
          millis(outcome.refused().map(Spread::p50)),
          millis(outcome.refused().map(Spread::p99)),
          row.control().text(),
          "%.2f".formatted(row.processors()));
    }
    return "A backend that can take %.0f requests/s, each load for %d s, with %s%n%n%s%n%s"
        .formatted(
            capacity,
            length.toSeconds(),
            String.join(" ", OverloadBench.SETTINGS),
            table.text(),
            faults().stream().map("FAULT: %s%n"::formatted).collect(Collectors.joining()));
  }

  private static String millis(Optional<Double> value) {
    return value.map("%.1f"::formatted).orElse("–");
  }

  /** {@return it for programs} */
  public String json() {
    return rows.stream()
        .map(
            row ->
                String.format(
                    Locale.ROOT,
                    "{\"load\": %.1f, \"servedPerSecond\": %.1f, \"servedP99Millis\": %.3f,"
                        + " \"refused\": %d, \"refusedP99Millis\": %.3f, \"faults\": %d,"
                        + " \"asked\": %d, \"notReady\": %d, \"epochs\": %d,"
                        + " \"processors\": %.3f}",
                    row.load(),
                    row.outcome().goodput(),
                    row.outcome().served().map(Spread::p99).orElse(0.0),
                    row.outcome().refused().map(Spread::count).orElse(0),
                    row.outcome().refused().map(Spread::p99).orElse(0.0),
                    row.outcome().faults().size(),
                    row.control().asked(),
                    row.control().notReady(),
                    row.control().epochs(),
                    row.processors()))
        .collect(Collectors.joining(",\n  ", "[\n  ", "\n]\n"));
  }
}
