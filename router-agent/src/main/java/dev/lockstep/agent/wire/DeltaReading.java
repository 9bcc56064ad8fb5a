package dev.lockstep.agent.wire;

import dev.lockstep.core.config.Delta;

/** What came out of the bytes of a delta. */
public sealed interface DeltaReading {

  /** A delta; whether it fits is for the holder of its base to find out. */
  record Read(Delta delta) implements DeltaReading {}

  /**
   * Damaged, too large, or of a form that this build does not know.
   *
   * @param reason for people; holds no secret material
   */
  record Unreadable(String reason) implements DeltaReading {}
}
