package dev.lockstep.local;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the user asked for.
 *
 * @param root the repository
 * @param replicas how many, 1 to 20
 * @param port the shared port for traffic; a free one is chosen without it
 * @param mode stay up, or verify and end
 * @param kubeconfig a cluster of the user's, instead of one of our own
 * @param folder where everything of the run goes; without it a temporary one, removed at the end
 */
record UpOptions(
    Path root,
    int replicas,
    OptionalInt port,
    Mode mode,
    Optional<Path> kubeconfig,
    Optional<Path> folder) {

  /** What happens once all is up. */
  enum Mode {
    /** Stay until Ctrl-C. */
    STAY,
    /** Verify, print the figures, end. */
    CHECK
  }

  /**
   * {@return the options of a command line}
   *
   * @throws IllegalArgumentException with the text for the user
   */
  static UpOptions parse(List<String> arguments) {
    UpOptions options =
        new UpOptions(
            Path.of("").toAbsolutePath(),
            3,
            OptionalInt.empty(),
            Mode.STAY,
            Optional.empty(),
            Optional.empty());
    Deque<String> rest = new ArrayDeque<>(arguments);
    while (!rest.isEmpty()) {
      String[] parts = rest.pop().split("=", 2);
      if (parts[0].equals("--check")) {
        options = options.with(Mode.CHECK);
      } else {
        String value = parts.length == 2 ? parts[1] : rest.isEmpty() ? "" : rest.pop();
        options = options.with(parts[0], value);
      }
    }
    return options;
  }

  private UpOptions with(Mode chosen) {
    return new UpOptions(root, replicas, port, chosen, kubeconfig, folder);
  }

  private UpOptions with(String flag, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(flag + ": unknown, or without its value (see --help)");
    }
    return switch (flag) {
      case "--root" -> new UpOptions(path(value), replicas, port, mode, kubeconfig, folder);
      case "--replicas" ->
          new UpOptions(root, number(flag, value, 20), port, mode, kubeconfig, folder);
      case "--port" -> {
        OptionalInt chosen = OptionalInt.of(number(flag, value, 65_535));
        yield new UpOptions(root, replicas, chosen, mode, kubeconfig, folder);
      }
      case "--kubeconfig" ->
          new UpOptions(root, replicas, port, mode, Optional.of(path(value)), folder);
      case "--dir" ->
          new UpOptions(root, replicas, port, mode, kubeconfig, Optional.of(path(value)));
      default -> throw new IllegalArgumentException(flag + ": unknown (see --help)");
    };
  }

  private static Path path(String value) {
    return Path.of(value).toAbsolutePath().normalize();
  }

  private static int number(String flag, String value, int most) {
    String expected = flag + ": " + value + " (expected: 1 to " + most + ")";
    try {
      int number = Integer.parseInt(value);
      if (number < 1 || number > most) {
        throw new IllegalArgumentException(expected);
      }
      return number;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(expected, e);
    }
  }
}
