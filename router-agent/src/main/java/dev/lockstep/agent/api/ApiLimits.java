package dev.lockstep.agent.api;

import java.time.Duration;

/**
 * How much the API takes on at once, and how long it waits for a leader.
 *
 * @param maxWaiters blocking calls at the same time, those that are passed on included
 * @param maxSubscribers event streams at the same time
 * @param connectTimeout to the leader, for a call that is passed on
 * @param readTimeout for the leader's answer, beyond what the caller wants to wait
 */
public record ApiLimits(
    int maxWaiters, int maxSubscribers, Duration connectTimeout, Duration readTimeout) {

  /** What holds unless the settings say otherwise. */
  public static final ApiLimits STANDARD =
      new ApiLimits(1000, 100, Duration.ofMillis(200), Duration.ofSeconds(2));

  /** The longest that a caller can wait in one call. */
  static final Duration MAX_TIMEOUT = Duration.ofMinutes(5);

  /** How long a call waits that does not say so. */
  static final Duration STANDARD_TIMEOUT = Duration.ofSeconds(30);

  /** A client connection without a byte for longer than any call can last is abandoned. */
  static final Duration IDLE_TIMEOUT = MAX_TIMEOUT.plusSeconds(30);

  /** Once the leader's answer has begun, its body must arrive within this time. */
  static final Duration BODY_TIMEOUT = Duration.ofSeconds(30);

  public ApiLimits {
    if (maxWaiters < 1 || maxSubscribers < 1) {
      throw new IllegalArgumentException(
          "limits: " + maxWaiters + ", " + maxSubscribers + " (expected: at least 1)");
    }
    if (!connectTimeout.isPositive() || !readTimeout.isPositive()) {
      throw new IllegalArgumentException(
          "time-outs: " + connectTimeout + ", " + readTimeout + " (expected: positive)");
    }
  }
}
