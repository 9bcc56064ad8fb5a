package dev.lockstep.agent.proxy;

import dev.lockstep.agent.proxy.health.Recovery;
import java.time.Duration;

/**
 * How requests are spread over the endpoints of a backend, and what happens when some of them fail.
 * All numbers are per event loop: each sees and decides for itself.
 *
 * @param seed another one for each replica, so that replicas do not go through the endpoints in the
 *     same order
 * @param balancing who gets the next request
 * @param recovery when an endpoint is left alone, and tried again
 * @param mostOut how many endpoints of a backend may be left alone, 0 to 100 percent, default 50;
 *     beyond it all that can be reached are used
 * @param connecting how connections are opened
 * @param bound how many requests a backend gets at a time
 * @param retries how many requests are sent again
 */
public record BackendSettings(
    long seed,
    Balancing balancing,
    Recovery recovery,
    int mostOut,
    Connecting connecting,
    Bound bound,
    Retries retries) {

  /** The defaults, without a seed. */
  public static final BackendSettings STANDARD =
      new BackendSettings(
          0,
          Balancing.ROUND_ROBIN,
          Recovery.STANDARD,
          50,
          Connecting.STANDARD,
          Bound.NONE,
          Retries.STANDARD);

  /** Who gets the next request. */
  public enum Balancing {
    /** One after the other. */
    ROUND_ROBIN,
    /**
     * Whoever has less to do of two that are drawn (Mitzenmacher, "The Power of Two Choices in
     * Randomized Load Balancing", 2001).
     */
    LEAST_REQUEST
  }

  /**
   * How connections are opened.
   *
   * @param patience how long a request waits for a connection to one endpoint while there is
   *     another, default 250 ms (what RFC 8305 5 gives each address)
   * @param perSecond connections that may begin per endpoint, default 1,000; 0 for no bound
   * @param spares unused connections that each request leaves behind it, default 0
   */
  public record Connecting(Duration patience, int perSecond, int spares) {

    /** The defaults. */
    public static final Connecting STANDARD = new Connecting(Duration.ofMillis(250), 1000, 0);

    public Connecting {
      if (!patience.isPositive() || perSecond < 0 || spares < 0) {
        throw new IllegalArgumentException(
            "connecting: patience (expected: positive), perSecond, spares (expected: >= 0)");
      }
    }
  }

  /**
   * How many requests a backend gets at a time, and who may wait for that.
   *
   * @param requests at a time; 0 for no bound, and then nobody ever waits
   * @param waiting at a time; more are answered with 503
   * @param target what a request may wait without harm; positive
   */
  public record Bound(int requests, int waiting, Duration target) {

    /** The default. */
    public static final Bound NONE = new Bound(0, 1000, Duration.ofMillis(100));

    public Bound {
      if (requests < 0 || waiting < 0 || !target.isPositive()) {
        throw new IllegalArgumentException(
            "bound: requests, waiting (expected: >= 0), target (expected: positive)");
      }
    }
  }

  /**
   * How many requests may be on their way a second time.
   *
   * @param percent of all that are on their way, 0 to 100, default 20
   * @param floor so many in any case, default 10
   */
  public record Retries(int percent, int floor) {

    /** The defaults. */
    public static final Retries STANDARD = new Retries(20, 10);

    public Retries {
      if (percent < 0 || percent > 100 || floor < 0) {
        throw new IllegalArgumentException(
            "retries: percent (expected: 0 to 100), floor (expected: >= 0)");
      }
    }
  }

  public BackendSettings {
    if (mostOut < 0 || mostOut > 100) {
      throw new IllegalArgumentException("mostOut: " + mostOut + " (expected: 0 to 100)");
    }
  }
}
