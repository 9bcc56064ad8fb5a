package dev.lockstep.agent.storage;

import dev.lockstep.core.config.ConfigProblem;

/** Whether a snapshot survives this process. */
public sealed interface StoreOutcome {

  /** It does: a process that starts after this one died finds it. */
  record Durable() implements StoreOutcome {}

  /**
   * It does not; what was on disk before still is.
   *
   * @param problem why: a full disk, no permission, a key of the wrong size
   */
  record Lost(ConfigProblem problem) implements StoreOutcome {}
}
