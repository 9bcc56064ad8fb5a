package dev.lockstep.sim.engine;

import dev.lockstep.core.protocol.Timings;
import java.time.Duration;

/** Timings that are as a mesh's could be, and shorter, so that more happens in a schedule. */
public final class Paces {

  private Paces() {}

  /** Twice as slow. */
  public static final Timings MIDDLE =
      timings(2000, 800, 1600, 100, 250, 60, 500, 1200, 3000, 3000, 1500, 9000);

  /** Everything in seconds: most schedules take it. */
  public static final Timings QUICK =
      timings(1000, 400, 800, 60, 120, 40, 300, 700, 1500, 1500, 800, 4500);

  private static Timings timings(int... millis) {
    return new Timings(
        Duration.ofMillis(millis[0]),
        Duration.ofMillis(millis[1]),
        Duration.ofMillis(millis[2]),
        Duration.ofMillis(millis[3]),
        Duration.ofMillis(millis[4]),
        Duration.ofMillis(millis[5]),
        Duration.ofMillis(millis[6]),
        Duration.ofMillis(millis[7]),
        Duration.ofMillis(millis[8]),
        Duration.ofMillis(millis[9]),
        Duration.ofMillis(millis[10]),
        Duration.ofMillis(millis[11]),
        Duration.ZERO,
        20,
        10);
  }
}
