package dev.lockstep.local.process;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/** The flags of a command line, as {@code --flag value} or {@code --flag=value}. */
public final class Flags {
  private Flags() {}

  /**
   * One of them.
   *
   * @param name with its dashes
   * @param value not empty; that of a switch is its name
   */
  public record Flag(String name, String value) {
    /** {@return what the user is told when there is no such flag} */
    public IllegalArgumentException unknown() {
      return new IllegalArgumentException(name + ": unknown (see --help)");
    }
  }

  /**
   * {@return the flags in their order}
   *
   * @param switches those that take no value
   * @throws IllegalArgumentException with the text for the user, for one without its value
   */
  public static List<Flag> parse(List<String> arguments, Set<String> switches) {
    List<Flag> flags = new ArrayList<>();
    Deque<String> rest = new ArrayDeque<>(arguments);
    while (!rest.isEmpty()) {
      String[] parts = rest.pop().split("=", 2);
      if (switches.contains(parts[0])) {
        flags.add(new Flag(parts[0], parts[0]));
        continue;
      }
      String value = parts.length == 2 ? parts[1] : rest.isEmpty() ? "" : rest.pop();
      if (value.isEmpty()) {
        throw new IllegalArgumentException(
            parts[0] + ": unknown, or without its value (see --help)");
      }
      flags.add(new Flag(parts[0], value));
    }
    return flags;
  }
}
