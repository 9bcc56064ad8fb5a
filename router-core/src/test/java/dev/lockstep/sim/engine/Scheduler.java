package dev.lockstep.sim.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * The only clock of a simulated world, and its chance. Events at the same nanosecond run in the
 * order in which they were scheduled, so a seed decides everything.
 */
public final class Scheduler {

  private record Entry(long at, long sequence, Runnable action) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(sequence, other.sequence);
    }
  }

  private final PriorityQueue<Entry> queue = new PriorityQueue<>(256);
  private final Dice dice;
  private long now;
  private long sequence;

  /** Creates a clock at zero. */
  public Scheduler(long seed) {
    this(new Dice(seed, 0));
  }

  /** Creates a clock at zero with these dice. */
  public Scheduler(Dice dice) {
    this.dice = dice;
  }

  /** {@return nanoseconds since the world began} */
  public long now() {
    return now;
  }

  /** Runs the action at this moment, or now if that has passed. */
  public void at(long time, Runnable action) {
    queue.add(new Entry(Math.max(now, time), sequence++, action));
  }

  /** Runs the action after so many nanoseconds. */
  public void after(long nanos, Runnable action) {
    at(now + nanos, action);
  }

  /** Runs the next action if it is due at this moment or before; {@return whether there was one} */
  public boolean runNext(long until) {
    Entry next = queue.peek();
    if (next == null || next.at > until) {
      now = Math.max(now, until);
      return false;
    }
    queue.poll();
    now = next.at;
    next.action.run();
    return true;
  }

  /** {@return what comes next, if it is due by then and could come later} */
  public Optional<Arrival> nextArrival(long until) {
    Entry next = queue.peek();
    boolean could = next != null && next.at <= until && next.action instanceof Arrival;
    return could ? Optional.of((Arrival) next.action) : Optional.empty();
  }

  /** Puts off the arrival that comes next; {@return whether there was something to put off} */
  public boolean postponeNext(long nanos) {
    Entry next = queue.remove();
    now = next.at;
    return ((Arrival) next.action).postpone(this, next.at + nanos);
  }

  /** {@return the number of actions ever scheduled} */
  public long scheduled() {
    return sequence;
  }

  /** {@return a number from low to high, both included} */
  public long between(long low, long high) {
    return dice.between(low, high);
  }

  /** {@return a number from 0 to below the bound} */
  public int below(int bound) {
    return dice.below(bound);
  }

  /** {@return true with this probability} */
  public boolean chance(double probability) {
    return dice.chance(probability);
  }

  /** {@return one of these} */
  @SafeVarargs
  public final <T> T oneOf(T... choices) {
    return dice.oneOf(choices);
  }

  /** {@return nanoseconds in so many milliseconds} */
  public static long millis(double millis) {
    return (long) (millis * 1_000_000);
  }

  /** {@return a duration of so many milliseconds} */
  public static Duration duration(long millis) {
    return Duration.ofMillis(millis);
  }
}
