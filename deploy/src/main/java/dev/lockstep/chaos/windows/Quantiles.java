package dev.lockstep.chaos.windows;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Times in their order. A quantile is the least of them that so many do not exceed, as in the
 * simulation: nothing is interpolated, so the 99th percentile of fifty is the greatest.
 *
 * @param sorted rising
 */
record Quantiles(List<Duration> sorted) {
  /** The ones that a table shows. */
  static final List<Double> SHOWN = List.of(0.5, 0.99, 1.0);

  /** {@return those that there are} */
  static Quantiles of(Stream<Optional<Duration>> times) {
    return new Quantiles(times.flatMap(Optional::stream).sorted().toList());
  }

  /** {@return the quantile; empty if there is no time at all} */
  Optional<Duration> at(double share) {
    int index = (int) Math.ceil(share * sorted.size()) - 1;
    return sorted.isEmpty() ? Optional.empty() : Optional.of(sorted.get(Math.max(0, index)));
  }

  /** {@return the quantile in seconds, for people} */
  String text(double share) {
    return at(share).map(Quantiles::seconds).orElse("–");
  }

  /** {@return a time in seconds, for people} */
  static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.2f", time.toMillis() / 1000.0);
  }
}
