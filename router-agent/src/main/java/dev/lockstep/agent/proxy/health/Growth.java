package dev.lockstep.agent.proxy.health;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * A time that doubles with every attempt.
 *
 * @param first of the first attempt; positive
 * @param most of any attempt; not less than the first
 */
public record Growth(Duration first, Duration most) {

  /** How far drawn times lie apart, as a share of the time itself. */
  private static final double SPREAD = 0.2;

  /** Doublings after which every time that anybody can set has met its bound. */
  private static final int DOUBLINGS = 30;

  public Growth {
    if (!first.isPositive() || most.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "growth: " + first + " to " + most + " (expected: positive, and not falling)");
    }
  }

  /** {@return the time of an attempt, of which the first has number 0} */
  public Duration at(int attempt) {
    Duration grown = first.multipliedBy(1L << Math.min(attempt, DOUBLINGS));
    return grown.compareTo(most) < 0 ? grown : most;
  }

  /**
   * {@return the time of an attempt, drawn up to a tenth to either side, so that those who began
   * together do not go on together}
   */
  public Duration at(int attempt, RandomGenerator random) {
    double factor = 1 - SPREAD / 2 + SPREAD * random.nextDouble();
    return Duration.ofNanos((long) (at(attempt).toNanos() * factor));
  }
}
