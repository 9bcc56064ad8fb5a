package dev.lockstep.sim.explore;

import dev.lockstep.sim.engine.Trace;
import dev.lockstep.sim.invariant.Violation;
import java.util.Set;
import java.util.function.LongFunction;

/**
 * One schedule, judged: what it says is the violation, or nothing. It is a function of the JDK's
 * own types, so that it can be loaded together with sources of which one is broken on purpose.
 */
public final class Trial implements LongFunction<String> {

  /** What it says when the machine itself finds an impossible state: noticed, but not proven. */
  public static final String MACHINE = "machine: ";

  @Override
  public String apply(long seed) {
    try {
      new Schedule(seed, Set.of(), new Trace(1)).run();
      return "";
    } catch (Violation violation) {
      return String.valueOf(violation.getMessage());
    } catch (RuntimeException impossible) {
      return MACHINE + impossible + ": " + impossible.getCause();
    }
  }
}
