package dev.lockstep.core.config;

/**
 * Position of a config in the one sequence of the mesh: strictly increasing across epochs, with
 * holes. A number is bound to one digest for ever.
 *
 * @param value 0 before the first commit, else positive
 */
public record Version(long value) implements Comparable<Version> {

  /** Before the first commit. */
  public static final Version NONE = new Version(0);

  public Version {
    if (value < 0) {
      throw new IllegalArgumentException("version: " + value + " (expected: >= 0)");
    }
  }

  /** {@return the next version; nothing says that it will be the next one committed} */
  public Version next() {
    return new Version(value + 1);
  }

  /** {@return whether this version is the same as, or newer than, the other} */
  public boolean isAtLeast(Version other) {
    return value >= other.value;
  }

  /** {@return whether this version is newer than the other} */
  public boolean isAfter(Version other) {
    return value > other.value;
  }

  /** {@return the newer of the two} */
  public static Version max(Version a, Version b) {
    return a.value >= b.value ? a : b;
  }

  /** {@return the older of the two} */
  public static Version min(Version a, Version b) {
    return a.value <= b.value ? a : b;
  }

  @Override
  public int compareTo(Version other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
