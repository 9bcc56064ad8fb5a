package dev.lockstep.sim.engine;

/**
 * What a test can break on purpose in a world of its own, to have a failure to look at. All other
 * rules are broken by patches, in {@code dev.lockstep.sim.broken}.
 */
public enum Rule {
  /** What is served and acked is on the disk before. */
  DURABLE_BEFORE_ACK
}
