package dev.lockstep.agent.proxy.health;

import java.time.Duration;

/**
 * When an endpoint is left alone, and when it is tried again.
 *
 * @param failures in a row until it is left alone; 0 for never
 * @param timeout what each attempt to connect to a dead endpoint gets
 * @param delay from one failure to the next attempt
 */
public record Recovery(int failures, Growth timeout, Growth delay) {

  /** The defaults: five failures; then after 1 s, and ever later up to 30 s. */
  public static final Recovery STANDARD = of(5, Duration.ofSeconds(1), Duration.ofSeconds(30));

  public Recovery {
    if (failures < 0) {
      throw new IllegalArgumentException("failures: " + failures + " (expected: >= 0)");
    }
  }

  /** {@return with these delays, and connect time-outs from 1 s to 10 s} */
  public static Recovery of(int failures, Duration delay, Duration mostDelay) {
    return new Recovery(
        failures,
        new Growth(Duration.ofSeconds(1), Duration.ofSeconds(10)),
        new Growth(delay, mostDelay));
  }
}
