package dev.lockstep.chaos.windows;

import java.nio.file.Path;
import java.time.Duration;
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
 * @param replicas sizes of the mesh, each 2 to 10
 * @param trials how many for each row of the table
 * @param troubles what goes wrong
 * @param away how long the API server is away
 * @param seed decides how long after calm a trouble comes
 * @param folder where everything of the run is kept
 */
record WindowsOptions(
    Path root,
    List<Integer> replicas,
    int trials,
    List<Trouble> troubles,
    Duration away,
    long seed,
    Optional<Path> folder) {

  private static final Range SIZES = new Range(2, 10);
  private static final Range TRIALS = new Range(1, 10_000);
  private static final Range AWAY = new Range(1, 3_600);
  private static final Range SEEDS = new Range(0, Long.MAX_VALUE);

  WindowsOptions {
    replicas = List.copyOf(replicas);
    troubles = List.copyOf(troubles);
  }

  private static final WindowsOptions STANDARD =
      new WindowsOptions(
          Path.of("").toAbsolutePath(),
          List.of(3),
          50,
          List.of(Trouble.values()),
          Duration.ofSeconds(60),
          1,
          Optional.empty());

  /**
   * {@return the options of a command line}
   *
   * @throws IllegalArgumentException with the text for the user
   */
  static WindowsOptions parse(List<String> arguments) {
    WindowsOptions options = STANDARD;
    Deque<String> rest = new ArrayDeque<>(arguments);
    while (!rest.isEmpty()) {
      String[] parts = rest.pop().split("=", 2);
      String value = parts.length == 2 ? parts[1] : rest.isEmpty() ? "" : rest.pop();
      options = options.with(parts[0], value);
    }
    return options;
  }

  private WindowsOptions with(String flag, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(flag + ": unknown, or without its value (see --help)");
    }
    return switch (flag) {
      case "--root" ->
          new WindowsOptions(
              Path.of(value).toAbsolutePath(), replicas, trials, troubles, away, seed, folder);
      case "--replicas" ->
          new WindowsOptions(root, sizes(flag, value), trials, troubles, away, seed, folder);
      case "--trials" -> {
        int number = (int) number(flag, value, TRIALS);
        yield new WindowsOptions(root, replicas, number, troubles, away, seed, folder);
      }
      case "--trouble" ->
          new WindowsOptions(root, replicas, trials, troubles(flag, value), away, seed, folder);
      case "--away" ->
          new WindowsOptions(root, replicas, trials, troubles, span(flag, value), seed, folder);
      case "--seed" -> {
        long number = number(flag, value, SEEDS);
        yield new WindowsOptions(root, replicas, trials, troubles, away, number, folder);
      }
      case "--dir" -> {
        Optional<Path> chosen = Optional.of(Path.of(value).toAbsolutePath());
        yield new WindowsOptions(root, replicas, trials, troubles, away, seed, chosen);
      }
      default -> throw new IllegalArgumentException(flag + ": unknown (see --help)");
    };
  }

  private static List<Integer> sizes(String flag, String value) {
    return Stream.of(value.split(",", -1))
        .map(each -> (int) number(flag, each, SIZES))
        .sorted()
        .distinct()
        .toList();
  }

  private static List<Trouble> troubles(String flag, String value) {
    List<Trouble> troubles = new ArrayList<>();
    for (String name : value.split(",", -1)) {
      troubles.add(
          Stream.of(Trouble.values())
              .filter(it -> it.option().equals(name))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException(flag + ": " + name + expected())));
    }
    return troubles.stream().sorted().distinct().toList();
  }

  private static String expected() {
    List<String> names = Stream.of(Trouble.values()).map(Trouble::option).toList();
    return " (expected: some of " + String.join(",", names) + ")";
  }

  private static Duration span(String flag, String value) {
    String digits = value.replaceFirst("[sm]$", "");
    long unit = value.endsWith("m") ? 60 : 1;
    try {
      long seconds = Math.multiplyExact(Long.parseLong(digits), unit);
      if (AWAY.has(seconds)) {
        return Duration.ofSeconds(seconds);
      }
    } catch (NumberFormatException | ArithmeticException e) {
      // Told below, like a time out of range.
    }
    throw new IllegalArgumentException(flag + ": " + value + " (expected: 1s to 60m, as in 10m)");
  }

  private record Range(long least, long most) {
    boolean has(long number) {
      return number >= least && number <= most;
    }
  }

  private static long number(String flag, String value, Range range) {
    try {
      long number = Long.parseLong(value);
      if (range.has(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, like a number out of range.
    }
    throw new IllegalArgumentException(
        "%s: %s (expected: %d to %d)".formatted(flag, value, range.least, range.most));
  }
}
