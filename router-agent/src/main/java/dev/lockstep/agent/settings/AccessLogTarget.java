package dev.lockstep.agent.settings;

import java.nio.file.Path;
import java.util.Optional;

/** Where the access log goes. */
public sealed interface AccessLogTarget {

  /** How its text is read: {@code off}, {@code stdout}, or the path of a file from the root on. */
  SettingType<AccessLogTarget> TYPE =
      new SettingType<>("off, stdout or an absolute path", AccessLogTarget::parse);

  /** Without a file. */
  enum Plain implements AccessLogTarget {
    /** There is none. */
    OFF,
    /** Standard output, which nothing else is written to. */
    STDOUT
  }

  /** Appended to this file. */
  record File(Path path) implements AccessLogTarget {}

  private static Optional<AccessLogTarget> parse(String text) {
    return switch (text) {
      case "off" -> Optional.of(Plain.OFF);
      case "stdout" -> Optional.of(Plain.STDOUT);
      default -> SettingType.PATH.parse().apply(text).filter(Path::isAbsolute).map(File::new);
    };
  }
}
