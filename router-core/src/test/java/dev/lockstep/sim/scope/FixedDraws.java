package dev.lockstep.sim.scope;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A source of chance without chance. Spans of time are drawn at one end of their range, choices
 * come in one order for ever, and probabilities fall as they were set: so nothing is left open but
 * what an enumeration decides. Confined to one run.
 */
final class FixedDraws implements RandomGenerator {

  /** At which end of their range delays lie. */
  enum Pace {
    SHORT,
    LONG
  }

  /** Gives clients connections to all replicas. */
  private static final long ORDER = 3;

  private final Pace pace;
  private double[] probabilities = {0.99};
  private int probability;
  private final SplittableRandom order = new SplittableRandom(ORDER);
  private int pinned = -1;
  private int lastBound;
  private boolean fast;

  FixedDraws(Pace pace) {
    this.pace = pace;
    this.fast = pace == Pace.LONG;
  }

  /**
   * From now on these come in turn; what is less likely than the one that comes does not happen.
   */
  void setProbabilities(double... inTurn) {
    probabilities = inTurn;
    probability = 0;
  }

  /** Until it is freed, every choice is this one; {@return this} */
  FixedDraws pin(int choice) {
    pinned = choice;
    lastBound = 0;
    return this;
  }

  /**
   * Lets choices come in their order again; {@return whether what was pinned could be chosen, and
   * was}
   */
  boolean free() {
    boolean chosen = pinned < lastBound;
    pinned = -1;
    return chosen;
  }

  @Override
  public long nextLong() {
    return order.nextLong();
  }

  /** The clocks drift as far as they may, each the other way than the one before. */
  @Override
  public long nextLong(long origin, long bound) {
    if (origin < 0) {
      fast = !fast;
      return fast ? bound - 1 : origin;
    }
    return pace == Pace.LONG ? bound - 1 : origin;
  }

  @Override
  public int nextInt(int bound) {
    lastBound = Math.max(lastBound, bound);
    return pinned >= 0 ? pinned % bound : order.nextInt(bound);
  }

  @Override
  public double nextDouble() {
    return probabilities[probability++ % probabilities.length];
  }
}
