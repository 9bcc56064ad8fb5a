package dev.lockstep.bench.tool;

import dev.lockstep.local.process.Flags;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the user asked for, of a benchmark that is made of parts of one length.
 *
 * @param root the repository
 * @param length of each part
 * @param json where the figures go; a place below {@code deploy/target} without it
 */
public record PartOptions(Path root, Duration length, Optional<Path> json) {
  private static final Duration FULL = Duration.ofSeconds(15);
  private static final Duration SHORT = Duration.ofSeconds(3);

  /**
   * {@return the options of a command line}
   *
   * @throws IllegalArgumentException with the text for the user
   */
  public static PartOptions parse(List<String> arguments) {
    PartOptions options = new PartOptions(Path.of("").toAbsolutePath(), FULL, Optional.empty());
    for (Flags.Flag flag : Flags.parse(arguments, Set.of("--short"))) {
      options = options.with(flag);
    }
    return options;
  }

  private PartOptions with(Flags.Flag flag) {
    return switch (flag.name()) {
      case "--short" -> new PartOptions(root, SHORT, json);
      case "--root" -> new PartOptions(path(flag), length, json);
      case "--json" -> new PartOptions(root, length, Optional.of(path(flag)));
      default -> throw flag.unknown();
    };
  }

  private static Path path(Flags.Flag flag) {
    return Path.of(flag.value()).toAbsolutePath().normalize();
  }
}
