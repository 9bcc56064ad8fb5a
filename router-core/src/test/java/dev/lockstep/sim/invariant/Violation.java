package dev.lockstep.sim.invariant;

/** An invariant does not hold. */
public final class Violation extends AssertionError {

  private static final long serialVersionUID = 1L;

  /** Creates a violation of this invariant, with what contradicts it. */
  public Violation(Object invariant, String what) {
    super(invariant.getClass().getSimpleName() + ": " + what);
  }

  /** Creates a violation that no invariant class stands for: the harness itself noticed it. */
  public Violation(String what) {
    super(what);
  }
}
