package dev.lockstep.bench.proxy;

import dev.lockstep.bench.load.Spread;
import java.util.OptionalDouble;
import java.util.function.Function;

/** What is reported of turns. */
enum Quantity {
  CPU("cpuSecondsPer100kRequests", "CPU s / 100k", 2, it -> known(it.cpuSeconds())),
  RATE("requestsPerSecond", "requests/s", 0, it -> known(it.load().rate())),
  PER_CPU("perCpuSecond", "per CPU second", 0, it -> known(100_000 / it.cpuSeconds())),
  P50("p50Millis", "p50 ms", 2, it -> latency(it, Spread::p50)),
  P99("p99Millis", "p99 ms", 2, it -> latency(it, Spread::p99));

  private final String key;
  private final String text;
  private final int digits;
  private final Function<Sample, OptionalDouble> value;

  Quantity(String key, String text, int digits, Function<Sample, OptionalDouble> value) {
    this.key = key;
    this.text = text;
    this.digits = digits;
    this.value = value;
  }

  /** {@return its name in JSON} */
  String key() {
    return key;
  }

  /** {@return its name for people} */
  String text() {
    return text;
  }

  /** {@return how many digits behind the point say something} */
  int digits() {
    return digits;
  }

  /** {@return its value in a turn, if it is known} */
  OptionalDouble of(Sample sample) {
    return value.apply(sample);
  }

  private static OptionalDouble known(double value) {
    return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  private static OptionalDouble latency(Sample sample, Function<Spread, Double> which) {
    return sample
        .load()
        .latency()
        .map(which)
        .map(OptionalDouble::of)
        .orElse(OptionalDouble.empty());
  }
}
