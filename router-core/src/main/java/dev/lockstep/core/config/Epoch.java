package dev.lockstep.core.config;

/**
 * Number of a leadership: a higher one fences a lower one.
 *
 * @param value 0 before the first leader, else positive
 */
public record Epoch(long value) implements Comparable<Epoch> {

  /** Before the first leader. */
  public static final Epoch NONE = new Epoch(0);

  public Epoch {
    if (value < 0) {
      throw new IllegalArgumentException("epoch: " + value + " (expected: >= 0)");
    }
  }

  /** {@return the epoch of the next leadership} */
  public Epoch next() {
    return new Epoch(value + 1);
  }

  /** {@return whether this epoch is newer than the other} */
  public boolean isAfter(Epoch other) {
    return value > other.value;
  }

  /** {@return the newer of the two} */
  public static Epoch max(Epoch a, Epoch b) {
    return a.value >= b.value ? a : b;
  }

  @Override
  public int compareTo(Epoch other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
