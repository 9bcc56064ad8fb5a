package dev.lockstep.bench.proxy;

import dev.lockstep.local.process.Flags;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the user asked for.
 *
 * @param root the repository
 * @param plan how much is measured
 * @param cases what is measured, in order
 * @param json where the figures go; a place below {@code deploy/target} without it
 */
public record ProxyOptions(Path root, Plan plan, List<Case> cases, Optional<Path> json) {
  /** Copies the cases. */
  public ProxyOptions {
    cases = List.copyOf(cases);
  }

  /**
   * How much is measured.
   *
   * @param rounds in which each contender has its turn
   * @param seconds of a turn
   * @param warmUpSeconds of each contender before the first round, thrown away
   * @param coldStarts how many times Lockstep is started
   */
  public record Plan(int rounds, int seconds, int warmUpSeconds, int coldStarts) {
    static final Plan FULL = new Plan(5, 5, 8, 3);
    static final Plan SHORT = new Plan(2, 2, 2, 1);
  }

  /**
   * {@return the options of a command line}
   *
   * @throws IllegalArgumentException with the text for the user
   */
  public static ProxyOptions parse(List<String> arguments) {
    ProxyOptions options =
        new ProxyOptions(
            Path.of("").toAbsolutePath(), Plan.FULL, List.of(Case.values()), Optional.empty());
    for (Flags.Flag flag : Flags.parse(arguments, Set.of("--short"))) {
      options = options.with(flag);
    }
    return options;
  }

  private ProxyOptions with(Flags.Flag flag) {
    return switch (flag.name()) {
      case "--short" -> new ProxyOptions(root, Plan.SHORT, cases, json);
      case "--root" -> new ProxyOptions(path(flag), plan, cases, json);
      case "--json" -> new ProxyOptions(root, plan, cases, Optional.of(path(flag)));
      case "--cases" -> new ProxyOptions(root, plan, cases(flag), json);
      default -> throw flag.unknown();
    };
  }

  private static Path path(Flags.Flag flag) {
    return Path.of(flag.value()).toAbsolutePath().normalize();
  }

  private static List<Case> cases(Flags.Flag flag) {
    List<String> names = List.of(flag.value().split(",", -1));
    List<String> known = Stream.of(Case.values()).map(Case::key).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            flag.name() + ": " + name + " (expected: some of " + String.join(",", known) + ")");
      }
    }
    return Stream.of(Case.values()).filter(it -> names.contains(it.key())).toList();
  }
}
