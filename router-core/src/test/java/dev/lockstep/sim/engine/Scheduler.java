package dev.lockstep.sim.engine;

import java.time.Duration;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The only clock and the only source of chance of a simulated world. Events at the same nanosecond
 * run in the order in which they were scheduled, so a seed decides everything.
 */
public final class Scheduler {

  private record Entry(long at, long sequence, Runnable action) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(sequence, other.sequence);
    }
  }

  private final PriorityQueue<Entry> queue = new PriorityQueue<>(256);
  private final RandomGenerator random;
  private long now;
  private long sequence;

  /** Creates a clock at zero. */
  public Scheduler(long seed) {
    this.random = new SplittableRandom(seed);
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

  /** {@return the number of actions ever scheduled} */
  public long scheduled() {
    return sequence;
  }

  /** {@return a number from low to high, both included} */
  public long between(long low, long high) {
    return low >= high ? low : random.nextLong(low, high + 1);
  }

  /** {@return a number from 0 to below the bound} */
  public int below(int bound) {
    return random.nextInt(bound);
  }

  /** {@return true with this probability} */
  public boolean chance(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }

  /** {@return one of these} */
  @SafeVarargs
  public final <T> T oneOf(T... choices) {
    return choices[below(choices.length)];
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
