package dev.lockstep.agent.settings;

import java.time.Duration;

/**
 * How requests are spread over the endpoints of a backend, and what happens when some fail. Numbers
 * are per event loop.
 *
 * @param balancing who gets the next request
 * @param ejection when an endpoint is left alone, and for how long
 * @param connecting how connections are opened
 * @param bound how many requests a backend gets at a time
 * @param retries how many requests are sent again
 */
public record Spreading(
    Balancing balancing, Ejection ejection, Connecting connecting, Bound bound, Retries retries) {

  /** Who gets the next request. */
  public enum Balancing {
    ROUND_ROBIN,
    LEAST_REQUEST
  }

  /**
   * When an endpoint is left alone.
   *
   * @param failures in a row; 0 for never
   * @param time until it is tried again, at first
   * @param mostTime until it is tried again, in the end
   * @param percent of the endpoints of a backend that may be left alone
   */
  public record Ejection(int failures, Duration time, Duration mostTime, int percent) {}

  /**
   * How connections are opened.
   *
   * @param patience of a request with one endpoint while there is another
   * @param perSecond to one endpoint; 0 for no bound
   * @param spares unused ones that are kept ready for the next request
   */
  public record Connecting(Duration patience, int perSecond, int spares) {}

  /**
   * How many requests a backend gets at a time.
   *
   * @param requests at a time; 0 for no bound
   * @param waiting beyond that
   * @param target what one may wait without harm
   */
  public record Bound(int requests, int waiting, Duration target) {}

  /** How many requests are sent again at a time: a share of all, and how many in any case. */
  public record Retries(int percent, int floor) {}
}
