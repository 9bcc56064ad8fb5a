package dev.lockstep.sim.engine;

import dev.lockstep.core.protocol.Event;

/**
 * Notices a machine that wakes itself again and again at one moment, because its deadline never
 * moves. What others tell it does not count: a watch that stood may say a thousand things at once.
 */
public final class SpinWatch {
  private static final int LIMIT = 100;

  private long at;
  private int wakes;

  /** {@return whether it has woken itself too often at this moment} Called for each step. */
  public boolean isSeen(Event event, long now) {
    if (now != at) {
      at = now;
      wakes = 0;
    }
    if (event instanceof Event.TimePassed) {
      wakes++;
    }
    return wakes > LIMIT;
  }
}
