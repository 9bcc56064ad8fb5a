package dev.lockstep.agent.wire;

import dev.lockstep.core.config.Snapshot;

/** What came out of the bytes of a snapshot. */
public sealed interface SnapshotReading {

  /** A snapshot whose content has the digest that it claims. */
  record Read(Snapshot snapshot) implements SnapshotReading {}

  /**
   * Damaged, too large, or of a form that this build does not know.
   *
   * @param reason for people; holds no secret material
   */
  record Unreadable(String reason) implements SnapshotReading {}
}
