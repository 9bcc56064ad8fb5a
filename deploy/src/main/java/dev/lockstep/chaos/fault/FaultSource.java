package dev.lockstep.chaos.fault;

import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Knows how to make faults of some kinds. */
public interface FaultSource {
  /** {@return what can be made on this machine} */
  Set<FaultKind> kinds();

  /**
   * Begins a fault. It may take a while, when the fault is an action, as a rolling restart is.
   *
   * @param order what shall be done
   * @return the fault; nothing if there is no object for it now, as without a leader
   */
  Optional<Fault> begin(Order order) throws InterruptedException;

  /**
   * What shall be done.
   *
   * @param kind of fault
   * @param share how long, from 0 to 1, for those that must know beforehand
   * @param random chooses whom it hits
   */
  record Order(FaultKind kind, double share, RandomGenerator random) {}

  /**
   * A fault that is there.
   *
   * @param text whom it hits, for people
   * @param healing takes it away
   */
  record Fault(String text, Healing healing) {
    /** {@return a fault that is over as soon as it has begun} */
    public static Fault over(String text) {
      return new Fault(text, () -> {});
    }
  }

  /** Takes a fault away. */
  @FunctionalInterface
  interface Healing {
    /** Returns when what was taken away is back. */
    void heal() throws InterruptedException;
  }
}
