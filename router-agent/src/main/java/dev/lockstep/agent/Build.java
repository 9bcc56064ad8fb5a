package dev.lockstep.agent;

import java.util.Optional;

/** Which build of the program this is. */
final class Build {
  private Build() {}

  /** {@return the version in the jar's manifest, or {@code development} outside of one} */
  static String version() {
    return Optional.ofNullable(Build.class.getPackage().getImplementationVersion())
        .orElse("development");
  }
}
