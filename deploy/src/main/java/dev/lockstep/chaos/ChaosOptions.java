package dev.lockstep.chaos;

import dev.lockstep.chaos.deployed.ClusterOptions;
import dev.lockstep.chaos.fault.FaultKind;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the user asked for.
 *
 * @param root the repository
 * @param minutes how long there are faults
 * @param seed decides the plan of the faults
 * @param replicas how many, 2 to 9
 * @param faults these kinds alone; all when it is empty
 * @param folder where everything of the run is kept
 * @param cluster what concerns a whole cluster, if the run is on one
 */
record ChaosOptions(
    Path root,
    int minutes,
    long seed,
    int replicas,
    List<FaultKind> faults,
    Optional<Path> folder,
    ClusterOptions cluster) {

  private static final int SHORT_MINUTES = 3;
  private static final int MOST_MINUTES = 7 * 24 * 60;
  private static final int LEAST_REPLICAS = 2;
  private static final int MOST_REPLICAS = 9;

  /**
   * {@return the options of a command line}
   *
   * @throws IllegalArgumentException with the text for the user
   */
  static ChaosOptions parse(List<String> arguments) {
    ChaosOptions options =
        new ChaosOptions(
            Path.of("").toAbsolutePath(),
            0,
            1,
            3,
            List.of(),
            Optional.empty(),
            ClusterOptions.none());
    Deque<String> rest = new ArrayDeque<>(arguments);
    while (!rest.isEmpty()) {
      String[] parts = rest.pop().split("=", 2);
      if (parts[0].equals("--short") && parts.length == 1) {
        options = options.withMinutes(SHORT_MINUTES);
      } else {
        String value = parts.length == 2 ? parts[1] : rest.isEmpty() ? "" : rest.pop();
        options = options.with(parts[0], value);
      }
    }
    if (options.minutes == 0) {
      throw new IllegalArgumentException("--minutes: missing (expected: a number, or --short)");
    }
    options.cluster.check(options.faults);
    return options;
  }

  private ChaosOptions withMinutes(int chosen) {
    return new ChaosOptions(root, chosen, seed, replicas, faults, folder, cluster);
  }

  private ChaosOptions with(String flag, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(flag + ": unknown, or without its value (see --help)");
    }
    return switch (flag) {
      case "--root" ->
          new ChaosOptions(
              Path.of(value).toAbsolutePath(), minutes, seed, replicas, faults, folder, cluster);
      case "--minutes" -> withMinutes((int) number(flag, value, new Range(1, MOST_MINUTES)));
      case "--seed" -> {
        long number = number(flag, value, new Range(0, Long.MAX_VALUE));
        yield new ChaosOptions(root, minutes, number, replicas, faults, folder, cluster);
      }
      case "--replicas" -> {
        int number = (int) number(flag, value, new Range(LEAST_REPLICAS, MOST_REPLICAS));
        yield new ChaosOptions(root, minutes, seed, number, faults, folder, cluster);
      }
      case "--faults" ->
          new ChaosOptions(root, minutes, seed, replicas, kinds(flag, value), folder, cluster);
      case "--dir" ->
          new ChaosOptions(
              root,
              minutes,
              seed,
              replicas,
              faults,
              Optional.of(Path.of(value).toAbsolutePath()),
              cluster);
      default -> {
        if (ClusterOptions.takes(flag)) {
          yield new ChaosOptions(
              root, minutes, seed, replicas, faults, folder, cluster.with(flag, value));
        }
        throw new IllegalArgumentException(flag + ": unknown (see --help)");
      }
    };
  }

  private static List<FaultKind> kinds(String flag, String value) {
    List<FaultKind> kinds = new ArrayList<>();
    for (String name : value.split(",", -1)) {
      kinds.add(
          Stream.of(FaultKind.values())
              .filter(it -> it.option().equals(name))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException(flag + ": " + name + expected())));
    }
    return kinds;
  }

  private static String expected() {
    List<String> names = Stream.of(FaultKind.values()).map(FaultKind::option).toList();
    return " (expected: some of " + String.join(",", names) + ")";
  }

  private record Range(long least, long most) {}

  private static long number(String flag, String value, Range range) {
    try {
      long number = Long.parseLong(value);
      if (number >= range.least && number <= range.most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, like a number out of range.
    }
    throw new IllegalArgumentException(
        "%s: %s (expected: %d to %d)".formatted(flag, value, range.least, range.most));
  }
}
