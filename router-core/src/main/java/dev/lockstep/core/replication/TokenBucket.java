package dev.lockstep.core.replication;

import dev.lockstep.core.protocol.NanoTime;
import java.time.Duration;

/**
 * Caps a sustained rate and lets a burst through at once.
 *
 * @param period between two tokens in the long run; positive
 * @param burst tokens at most; positive
 * @param emptyAt the moment at which the bucket was, or would have been, empty
 */
public record TokenBucket(Duration period, int burst, NanoTime emptyAt) {

  /** {@return a full bucket} */
  public static TokenBucket full(int perSecond, int burst) {
    return new TokenBucket(
        Duration.ofNanos(1_000_000_000L / perSecond), burst, new NanoTime(Long.MIN_VALUE / 2));
  }

  /** {@return when the next token can be had} */
  public NanoTime nextAt(NanoTime now) {
    return new NanoTime(floor(now).nanos() + period.toNanos());
  }

  /** {@return the bucket after a token was taken, which {@link #nextAt} must have allowed} */
  public TokenBucket take(NanoTime now) {
    return new TokenBucket(period, burst, nextAt(now));
  }

  /** A full bucket does not become fuller. */
  private NanoTime floor(NanoTime now) {
    long full = now.nanos() - period.toNanos() * burst;
    return new NanoTime(Math.max(emptyAt.nanos(), full));
  }
}
