package dev.lockstep.sim.explore;

import dev.lockstep.sim.engine.Rule;
import dev.lockstep.sim.engine.Trace;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import java.util.Set;

/**
 * How one schedule went.
 *
 * @param schedule that was run
 * @param trace its last happenings
 * @param failure what went wrong, if something did
 */
record Outcome(Schedule schedule, Trace trace, Optional<Throwable> failure) {

  /** Runs a schedule with this many lines of trace; {@return how it went} */
  static Outcome of(Plan plan, Set<Rule> broken, int lines) {
    Trace trace = new Trace(lines);
    Schedule schedule = new Schedule(plan, broken, trace);
    try {
      schedule.run();
      return new Outcome(schedule, trace, Optional.empty());
    } catch (AssertionError | RuntimeException failure) {
      return new Outcome(schedule, trace, Optional.of(failure));
    }
  }

  /** {@return which sentence was violated: the text before the first colon, empty if none was} */
  String violated() {
    return failure
        .map(thrown -> String.valueOf(thrown.getMessage()).split("[: ]", 2)[0])
        .orElse("");
  }

  /** {@return the failure with its stack, for people} */
  String text() {
    StringWriter text = new StringWriter();
    failure.ifPresent(thrown -> thrown.printStackTrace(new PrintWriter(text)));
    return text.toString();
  }
}
