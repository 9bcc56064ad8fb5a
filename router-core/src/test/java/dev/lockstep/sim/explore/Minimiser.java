package dev.lockstep.sim.explore;

import dev.lockstep.sim.engine.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Makes a failing plan small: leaves out faults and users' acts as long as the same sentence is
 * violated (delta debugging: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing
 * Input", 2002). What is left out shifts all later delays, so each attempt is made with several
 * draws of them; among those that fail, the one with the fewest events is taken.
 */
final class Minimiser {

  private static final int DRAWS = 24;
  private static final int SHOWN = 1;

  private final Set<Rule> broken;
  private final String sentence;
  private Plan smallest;
  private int attempts;

  private Minimiser(Plan failing, Set<Rule> broken, String sentence) {
    this.smallest = failing;
    this.broken = broken;
    this.sentence = sentence;
  }

  /** {@return the smallest plan that was found to violate the same sentence} */
  static Plan minimise(Plan failing, Set<Rule> broken) {
    Outcome outcome = Outcome.of(failing, broken, SHOWN);
    if (outcome.failure().isEmpty()) {
      throw new IllegalArgumentException(failing.asProperties() + " (expected: a failing plan)");
    }
    Minimiser minimiser = new Minimiser(failing, broken, outcome.violated());
    List<Integer> faults = outcome.schedule().faults().struck();
    List<Integer> changes =
        Stream.iterate(0, n -> n + 1).limit(outcome.schedule().workload().acts()).toList();
    List<Integer> before;
    do {
      before = faults;
      faults = minimiser.reduce(faults, Plan::withFaults);
      changes = minimiser.reduce(changes, Plan::withChanges);
    } while (faults.size() < before.size());
    return minimiser.smallest;
  }

  /** Leaves out halves, then quarters, and so on, down to single ones. */
  private List<Integer> reduce(List<Integer> all, BiFunction<Plan, List<Integer>, Plan> with) {
    List<Integer> kept = all;
    int size = Math.max(1, kept.size() / 2);
    while (!kept.isEmpty()) {
      int start = 0;
      while (start < kept.size()) {
        List<Integer> fewer = new ArrayList<>(kept);
        fewer.subList(start, Math.min(kept.size(), start + size)).clear();
        if (fails(with.apply(smallest, fewer))) {
          kept = fewer;
        } else {
          start += size;
        }
      }
      if (size == 1) {
        break;
      }
      size = Math.min(size / 2, Math.max(1, kept.size() / 2));
    }
    return kept;
  }

  private boolean fails(Plan candidate) {
    Optional<Outcome> best = Optional.empty();
    Plan bestPlan = candidate;
    long first = ++attempts * 1000L;
    List<Plan> draws =
        Stream.concat(
                Stream.of(candidate),
                LongStream.range(first, first + DRAWS).mapToObj(candidate::withDelays))
            .toList();
    for (Plan plan : draws) {
      Outcome outcome = Outcome.of(plan, broken, SHOWN);
      boolean same = outcome.violated().equals(sentence);
      long most = best.map(known -> known.schedule().events()).orElse(Long.MAX_VALUE);
      if (same && outcome.schedule().events() < most) {
        best = Optional.of(outcome);
        bestPlan = plan;
      }
    }
    if (best.isPresent()) {
      smallest = bestPlan;
    }
    return best.isPresent();
  }
}
