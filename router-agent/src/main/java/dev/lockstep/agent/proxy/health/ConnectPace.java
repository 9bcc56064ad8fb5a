package dev.lockstep.agent.proxy.health;

import java.util.concurrent.TimeUnit;

/**
 * How fast connections to one endpoint begin: what a second allows may begin at once, everything
 * beyond it one after the other. So an endpoint that drops its connections again and again is not
 * hit by a storm of new ones.
 *
 * <p>The generic cell rate algorithm (ITU-T I.371) with a tolerance of a second. Confined to the
 * event loop.
 */
public final class ConnectPace {
  private static final long TOLERANCE = TimeUnit.SECONDS.toNanos(1);

  private final long interval;
  private long due; // When the last connection would have begun at an even pace.

  /**
   * Nothing has begun.
   *
   * @param perSecond so many; 0 for no bound
   * @param now of the clock
   */
  public ConnectPace(int perSecond, long now) {
    this.interval = perSecond == 0 ? 0 : TOLERANCE / perSecond;
    this.due = now - TOLERANCE;
  }

  /** {@return for how many nanoseconds a connection that is wanted now has to wait; counts it} */
  public long reserve(long now) {
    if (due - (now - TOLERANCE) < 0) {
      due = now - TOLERANCE;
    }
    due += interval;
    return Math.max(0, due - now);
  }

  /** Somebody who was told to wait will not connect: whoever comes next is that much earlier. */
  public void giveBack() {
    due -= interval;
  }
}
