package dev.lockstep.agent.proxy;

import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * Counts by the constants of an enum. Thread-safe: counters that each thread adds to by itself.
 *
 * @param <E> what is told apart
 */
public final class EnumCounts<E extends Enum<E>> {
  private final LongAdder[] counts;

  /** Counts from zero. */
  public EnumCounts(Class<E> type) {
    this.counts =
        Stream.generate(LongAdder::new)
            .limit(type.getEnumConstants().length)
            .toArray(LongAdder[]::new);
  }

  /** One more. */
  public void count(E constant) {
    counts[constant.ordinal()].increment();
  }

  /** {@return how many there were} */
  public long of(E constant) {
    return counts[constant.ordinal()].sum();
  }
}
