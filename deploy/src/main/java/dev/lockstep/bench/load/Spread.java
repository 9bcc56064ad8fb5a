package dev.lockstep.bench.load;

import java.util.List;

/**
 * How a set of times is spread, in milliseconds.
 *
 * @param count how many there are
 * @param p50 half of them are not above it
 * @param p99 99 % of them are not above it; of fewer than 100 it is the largest
 * @param max the largest
 */
public record Spread(int count, double p50, double p99, double max) {
  private static final double NANOS_PER_MILLI = 1e6;

  /** {@return the spread of at least one time in nanoseconds} */
  public static Spread of(List<Long> nanos) {
    if (nanos.isEmpty()) {
      throw new IllegalArgumentException("nanos: empty (expected: at least one)");
    }
    List<Long> sorted = nanos.stream().sorted().toList();
    return new Spread(
        sorted.size(), percentile(sorted, 50), percentile(sorted, 99), percentile(sorted, 100));
  }

  private static double percentile(List<Long> sorted, int percent) {
    int rank = (sorted.size() * percent + 99) / 100;
    return sorted.get(Math.max(1, rank) - 1) / NANOS_PER_MILLI;
  }
}
