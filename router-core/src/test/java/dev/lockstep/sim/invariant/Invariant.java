package dev.lockstep.sim.invariant;

/** A sentence that must hold at every moment of every schedule. */
public interface Invariant {

  /** Takes note of what happened; throws {@link Violation} if it must not happen. */
  default void observe(Fact fact, Mesh mesh) {}

  /** Looks at the world after each event; throws {@link Violation} if it must not look so. */
  default void check(Mesh mesh) {}
}
