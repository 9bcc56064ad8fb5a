package dev.lockstep.bench;

import java.util.function.ToLongFunction;

/** What is reported of changes. */
enum Measure {
  LIVE("live", "write → live on every replica", Measured::live),
  BARRIER("barrier", "write → barrier open", Measured::barrier),
  BOTH("both", "write → both", Measured::both),
  SKEW("skew", "skew: last replica − first", Measured::skew),
  PUT("put", "Lease PUT of our own", Measured::put);

  private final String key;
  private final String text;
  private final ToLongFunction<Measured> value;

  Measure(String key, String text, ToLongFunction<Measured> value) {
    this.key = key;
    this.text = text;
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

  /** {@return its value, in nanoseconds} */
  long of(Measured measured) {
    return value.applyAsLong(measured);
  }
}
