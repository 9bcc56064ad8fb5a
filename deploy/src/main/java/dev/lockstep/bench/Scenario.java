package dev.lockstep.bench;

import java.util.List;

/**
 * What was measured with one size of config.
 *
 * @param routes how many were there beside the one that was changed
 * @param rounds the changes of each round, in order
 * @param faults what went wrong
 * @param cost of all rounds together
 */
record Scenario(int routes, List<List<Measured>> rounds, Faults faults, Cost cost) {
  Scenario {
    rounds = List.copyOf(rounds);
  }

  /** {@return how many changes went through} */
  int changes() {
    return rounds.stream().mapToInt(List::size).sum();
  }
}
