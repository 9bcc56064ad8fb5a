package dev.lockstep.bench.abuse;

import dev.lockstep.local.process.Flags;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the user asked for.
 *
 * @param root the repository
 * @param length of each part
 * @param json where the figures go; a place below {@code deploy/target} without it
 */
public record AbuseOptions(Path root, Duration length, Optional<Path> json) {
  private static final Duration FULL = Duration.ofSeconds(15);
  private static final Duration SHORT = Duration.ofSeconds(3);

  /**
   * {@return the options of a command line}
   *
   * @throws IllegalArgumentException with the text for the user
   */
  public static AbuseOptions parse(List<String> arguments) {
    AbuseOptions options = new AbuseOptions(Path.of("").toAbsolutePath(), FULL, Optional.empty());
    for (Flags.Flag flag : Flags.parse(arguments, Set.of("--short"))) {
      options = options.with(flag);
    }
    return options;
  }

  private AbuseOptions with(Flags.Flag flag) {
    return switch (flag.name()) {
      case "--short" -> new AbuseOptions(root, SHORT, json);
      case "--root" -> new AbuseOptions(path(flag), length, json);
      case "--json" -> new AbuseOptions(root, length, Optional.of(path(flag)));
      default -> throw flag.unknown();
    };
  }

  private static Path path(Flags.Flag flag) {
    return Path.of(flag.value()).toAbsolutePath().normalize();
  }
}
