package dev.lockstep.core.protocol;

import java.time.Duration;

/**
 * A moment of the local monotonic clock. Never compared with another machine's.
 *
 * @param nanos since an arbitrary origin, as {@code System.nanoTime} gives it; never negative here
 */
public record NanoTime(long nanos) implements Comparable<NanoTime> {

  /** Later than every moment: no deadline. */
  public static final NanoTime NEVER = new NanoTime(Long.MAX_VALUE);

  /** {@return this moment plus the duration; {@link #NEVER} stays never} */
  public NanoTime plus(Duration duration) {
    return this == NEVER || nanos == Long.MAX_VALUE
        ? NEVER
        : new NanoTime(nanos + duration.toNanos());
  }

  /** {@return the time from the other moment to this one} */
  public Duration since(NanoTime earlier) {
    return Duration.ofNanos(nanos - earlier.nanos);
  }

  /** {@return whether this moment is the other or comes after it} */
  public boolean isAtOrAfter(NanoTime other) {
    return nanos >= other.nanos;
  }

  /** {@return whether this moment comes before the other} */
  public boolean isBefore(NanoTime other) {
    return nanos < other.nanos;
  }

  /** {@return the earlier of the two} */
  public static NanoTime min(NanoTime a, NanoTime b) {
    return a.nanos <= b.nanos ? a : b;
  }

  /** {@return the later of the two} */
  public static NanoTime max(NanoTime a, NanoTime b) {
    return a.nanos >= b.nanos ? a : b;
  }

  @Override
  public int compareTo(NanoTime other) {
    return Long.compare(nanos, other.nanos);
  }

  @Override
  public String toString() {
    return nanos == Long.MAX_VALUE ? "never" : Duration.ofNanos(nanos).toString();
  }
}
