package dev.lockstep.agent.proxy.health;

/**
 * How many requests may be on their way a second time: a share of those that are on their way at
 * all, so that backends which fail under load do not get more of it.
 *
 * <p>Invariant: {@code retrying <= max(floor, active * percent / 100)} at every moment at which a
 * retry begins. Confined to the event loop.
 */
public final class RetryBudget {
  private final int percent;
  private final int floor;
  private int active;
  private int retrying;

  /**
   * Nobody is on the way.
   *
   * @param percent of the active requests, 0 to 100
   * @param floor so many may be retried whatever the share; 0 and 0 percent turn retries off
   */
  public RetryBudget(int percent, int floor) {
    this.percent = percent;
    this.floor = floor;
  }

  /** A request begins. */
  public void begin() {
    active++;
  }

  /** A request is over. */
  public void end() {
    active--;
  }

  /** {@return whether an active request may be sent again; {@link #retryEnded} gives it back} */
  public boolean tryRetry() {
    if (retrying >= Math.max(floor, active * (long) percent / 100)) {
      return false;
    }
    retrying++;
    return true;
  }

  /** A request that was sent again is over. */
  public void retryEnded() {
    retrying--;
  }

  /** {@return how many requests are on their way} */
  public int active() {
    return active;
  }
}
