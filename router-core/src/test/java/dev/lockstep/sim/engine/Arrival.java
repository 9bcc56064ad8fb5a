package dev.lockstep.sim.engine;

/**
 * Something that comes to a machine from outside, or wakes it: a message, an answer, a timer. It
 * can always come later than it would; a test that enumerates schedules puts it off.
 */
public interface Arrival extends Runnable {

  /** Lets it come then instead; {@return whether that makes a difference} */
  default boolean postpone(Scheduler scheduler, long until) {
    scheduler.at(until, this);
    return true;
  }

  /** {@return how much later it can come, in nanoseconds} */
  default long slack() {
    return Long.MAX_VALUE;
  }

  /** {@return an arrival that can be late by so many nanoseconds} */
  static Arrival within(long slack, Runnable action) {
    return new Arrival() {
      @Override
      public void run() {
        action.run();
      }

      @Override
      public long slack() {
        return slack;
      }
    };
  }
}
