package dev.lockstep.sim.world;

import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.sim.engine.Scheduler;

/**
 * One machine's monotonic clock: an origin of its own, and a rate that is a little off.
 *
 * @param offset what it shows when the world begins
 * @param drift nanoseconds gained in a millisecond
 */
record LocalClock(long offset, long drift) {

  private static final long MILLI = 1_000_000;

  /** {@return some clock that is off by so many millionths at most} */
  static LocalClock any(Scheduler scheduler, long most) {
    return new LocalClock(scheduler.between(0, 1_000_000 * MILLI), scheduler.between(-most, most));
  }

  NanoTime at(long time) {
    return new NanoTime(offset + time + time / MILLI * drift);
  }

  /** {@return the first moment of the world at which the clock shows this, or more} */
  long when(NanoTime shown) {
    long time = Math.max(0, shown.nanos() - offset);
    time = Math.max(0, time - time / MILLI * drift);
    while (at(time).isBefore(shown)) {
      time += shown.nanos() - at(time).nanos();
    }
    return time;
  }
}
