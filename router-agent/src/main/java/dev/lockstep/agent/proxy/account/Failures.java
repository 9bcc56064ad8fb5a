package dev.lockstep.agent.proxy.account;

import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Counts requests that went wrong, by reason. Thread-safe. */
public final class Failures {
  private final LongAdder[] counts =
      Stream.generate(LongAdder::new).limit(Failure.values().length).toArray(LongAdder[]::new);

  /** Counts from zero. */
  Failures() {}

  void count(Failure failure) {
    counts[failure.ordinal()].increment();
  }

  /** {@return how many requests went wrong for this reason} */
  public long of(Failure failure) {
    return counts[failure.ordinal()].sum();
  }
}
