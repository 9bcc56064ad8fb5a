package dev.lockstep.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.sim.engine.Rule;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A failure that somebody has to understand is made small first. */
final class MinimiserTest {

  private static final Set<Rule> BROKEN = Set.of(Rule.DURABLE_BEFORE_ACK);

  @Test
  void aFailingPlanBecomesASmallOneThatViolatesTheSameSentence() {
    Outcome failing =
        LongStream.rangeClosed(1, 1_000)
            .mapToObj(seed -> Outcome.of(Plan.of(seed), BROKEN, 1))
            .filter(outcome -> outcome.schedule().faults().struck().size() > 3)
            .filter(outcome -> outcome.violated().equals("AppliedVersionNeverGoesBack"))
            .findFirst()
            .orElseThrow();
    Outcome small = Outcome.of(Minimiser.minimise(failing.schedule().plan(), BROKEN), BROKEN, 1);
    assertThat(small.violated()).isEqualTo(failing.violated());
    assertThat(small.schedule().faults().struck()).hasSizeLessThanOrEqualTo(2);
    assertThat(small.schedule().events()).isLessThan(failing.schedule().events());
  }

  @Test
  void leavingOneFaultOutDoesNotChangeTheDiceOfTheOthers() {
    Plan all = Plan.of(7);
    Plan fewer = all.withFaults(List.of(3));
    assertThat(fewer.faultDice(3).below(1_000_000)).isEqualTo(all.faultDice(3).below(1_000_000));
    assertThat(fewer.hasFault(2)).isFalse();
    assertThat(fewer.hasChange(2)).isTrue();
  }

  @Test
  void aPlanIsReplayedFromItsOwnProperties() {
    Plan plan = Plan.of(5).withFaults(List.of(4, 1)).withChanges(List.of()).withDelays(9);
    assertThat(plan.asProperties())
        .isEqualTo(
            "-Dlockstep.seed=5 -Dlockstep.delays=9 -Dlockstep.faults=1,4 -Dlockstep.changes=");
  }
}
