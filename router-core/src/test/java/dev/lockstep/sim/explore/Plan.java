package dev.lockstep.sim.explore;

import dev.lockstep.sim.engine.Dice;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What one schedule does. The seed decides everything; what a minimiser has found may leave out
 * some of its faults and changes, and let other delays be drawn.
 *
 * @param seed decides sizes, timings, faults and changes
 * @param delays seed of everything else: how long messages, requests and installs take
 * @param faults numbers of the faults that happen; absent for all
 * @param changes numbers of the users' acts that happen; absent for all
 */
record Plan(
    long seed, long delays, Optional<List<Integer>> faults, Optional<List<Integer>> changes) {

  private static final long KNOBS = 1;
  private static final long FAULTS = 1L << 32;
  private static final long CHANGES = 2L << 32;

  Plan {
    faults = faults.map(Plan::ordered);
    changes = changes.map(Plan::ordered);
  }

  static Plan of(long seed) {
    return new Plan(seed, seed, Optional.empty(), Optional.empty());
  }

  /** {@return the plan that system properties ask for, if they name a seed} */
  static Optional<Plan> fromProperties() {
    return Optional.ofNullable(Long.getLong("lockstep.seed"))
        .map(
            seed ->
                new Plan(
                    seed,
                    Long.getLong("lockstep.delays", seed),
                    numbers("lockstep.faults"),
                    numbers("lockstep.changes")));
  }

  Plan withDelays(long other) {
    return new Plan(seed, other, faults, changes);
  }

  Plan withFaults(List<Integer> kept) {
    return new Plan(seed, delays, Optional.of(kept), changes);
  }

  Plan withChanges(List<Integer> kept) {
    return new Plan(seed, delays, faults, Optional.of(kept));
  }

  /** {@return the properties that {@link #fromProperties} reads} */
  String asProperties() {
    StringBuilder text = new StringBuilder("-Dlockstep.seed=" + seed);
    if (delays != seed) {
      text.append(" -Dlockstep.delays=").append(delays);
    }
    faults.ifPresent(kept -> text.append(" -Dlockstep.faults=").append(text(kept)));
    changes.ifPresent(kept -> text.append(" -Dlockstep.changes=").append(text(kept)));
    return text.toString();
  }

  boolean hasFault(int number) {
    return faults.map(kept -> kept.contains(number)).orElse(true);
  }

  boolean hasChange(int number) {
    return changes.map(kept -> kept.contains(number)).orElse(true);
  }

  // Each fault and each change has dice of its own: leaving one out does not change the others.

  Dice knobDice() {
    return new Dice(seed, KNOBS);
  }

  Dice faultDice(int number) {
    return new Dice(seed, FAULTS + number);
  }

  Dice changeDice(int number) {
    return new Dice(seed, CHANGES + number);
  }

  private static Optional<List<Integer>> numbers(String property) {
    return Optional.ofNullable(System.getProperty(property))
        .map(text -> List.of(text.split(",")))
        .map(texts -> texts.stream().filter(text -> !text.isBlank()).map(Integer::parseInt))
        .map(numbers -> numbers.toList());
  }

  private static String text(Collection<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static List<Integer> ordered(Collection<Integer> numbers) {
    return List.copyOf(new TreeSet<>(numbers));
  }
}
