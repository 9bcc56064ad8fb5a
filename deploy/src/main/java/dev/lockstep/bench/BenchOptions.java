package dev.lockstep.bench;

import dev.lockstep.local.process.Flags;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the user asked for.
 *
 * @param root the repository
 * @param length how long it may take
 * @param replicas how many, 1 to 9
 * @param changes in a round, of each kind; the benchmark's own number without it
 * @param routes sizes of the config, rising
 * @param json where the figures go; a place below {@code deploy/target} without it
 */
record BenchOptions(
    Path root,
    Length length,
    int replicas,
    OptionalInt changes,
    List<Integer> routes,
    Optional<Path> json) {

  private static final int MOST_REPLICAS = 9;
  private static final int MOST_CHANGES = 10_000;
  private static final int MOST_ROUTES = 20_000;

  BenchOptions {
    routes = List.copyOf(routes);
  }

  /** How long a run is. */
  enum Length {
    /** As long as good figures need. */
    FULL,
    /** Below a minute, for a look and for continuous integration. */
    SHORT
  }

  /**
   * {@return the options of a command line}
   *
   * @throws IllegalArgumentException with the text for the user
   */
  static BenchOptions parse(List<String> arguments) {
    BenchOptions options =
        new BenchOptions(
            Path.of("").toAbsolutePath(),
            Length.FULL,
            3,
            OptionalInt.empty(),
            List.of(0, 1_000),
            Optional.empty());
    for (Flags.Flag flag : Flags.parse(arguments, Set.of("--short"))) {
      options = options.with(flag);
    }
    return options;
  }

  private BenchOptions with(Flags.Flag given) {
    String flag = given.name();
    String value = given.value();
    return switch (flag) {
      case "--short" -> new BenchOptions(root, Length.SHORT, replicas, changes, routes, json);
      case "--root" -> new BenchOptions(path(value), length, replicas, changes, routes, json);
      case "--replicas" -> {
        int number = number(flag, value, MOST_REPLICAS);
        yield new BenchOptions(root, length, number, changes, routes, json);
      }
      case "--changes" -> {
        OptionalInt number = OptionalInt.of(number(flag, value, MOST_CHANGES));
        yield new BenchOptions(root, length, replicas, number, routes, json);
      }
      case "--routes" ->
          new BenchOptions(root, length, replicas, changes, sizes(flag, value), json);
      case "--json" ->
          new BenchOptions(root, length, replicas, changes, routes, Optional.of(path(value)));
      default -> throw given.unknown();
    };
  }

  private static Path path(String value) {
    return Path.of(value).toAbsolutePath().normalize();
  }

  private static List<Integer> sizes(String flag, String value) {
    return Stream.of(value.split(",", -1))
        .map(each -> each.equals("0") ? 0 : number(flag, each, MOST_ROUTES))
        .sorted()
        .distinct()
        .toList();
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
