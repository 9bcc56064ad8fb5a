package dev.lockstep.sim.scope;

import dev.lockstep.sim.engine.Trace;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** Goes through all runs of a scope, on all processors. */
final class Enumeration {

  private static final int SHOWN = 200;

  private record Part(int place, int answer) {}

  private final Scope scope;
  private final Tally tally = new Tally();

  Enumeration(Scope scope) {
    this.scope = scope;
  }

  /** Runs all of them, or until it is clear that something is wrong. */
  Tally run() {
    Exhaustive untroubled = Exhaustive.all();
    untroubled.next();
    run(untroubled);
    List<Part> parts = new ArrayList<>();
    for (int place = 0; place < untroubled.asked(); place++) {
      for (int answer = 1; answer < untroubled.bound(place); answer++) {
        parts.add(new Part(place, answer));
      }
    }
    parts.parallelStream().forEach(this::run);
    return tally;
  }

  private void run(Part part) {
    Exhaustive choices = Exhaustive.under(part.place, part.answer);
    while (!tally.isEnough() && choices.next()) {
      run(choices);
    }
  }

  private void run(Exhaustive choices) {
    Trace trace = new Trace(SHOWN);
    Story story = new Story(scope, choices, tally.states(), trace);
    try {
      tally.add(story.world(), story.run());
    } catch (AssertionError | RuntimeException failure) {
      Placement placement = choices.placement();
      tally.failed(placement, describe(placement, trace, failure));
    }
  }

  private String describe(Placement placement, Trace trace, Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    String replay =
        "replay: mvn -pl router-core test -Dtest='ScopesTest#every*' -Dlockstep.scope="
            + scope
            + " -Dlockstep.placement="
            + placement;
    return "\n" + text + replay + "\n" + String.join("\n", trace.lines()) + "\n" + replay + "\n";
  }
}
