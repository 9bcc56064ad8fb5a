package dev.lockstep.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.sim.engine.Rule;
import dev.lockstep.sim.engine.Trace;
import dev.lockstep.sim.invariant.Violation;
import java.util.EnumSet;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The oracle has eyes: with one rule of the shell or of the cluster broken on purpose, some
 * schedule violates the invariant that stands for it.
 */
@Tag("exploration")
final class BrokenRulesTest {

  private static final int SCHEDULES = 6000;

  @ParameterizedTest
  @CsvSource({
    "DURABLE_BEFORE_ACK, AppliedVersionNeverGoesBack",
    "ACK_AFTER_EVERY_LOOP, BarrierReleasedOnlyWhenAllServe",
    "GUARD_AFTER_PAUSE, BarrierReleasedOnlyWhenAllServe",
    "RETIRE_CONNECTIONS, BarrierReleasedOnlyWhenAllServe",
    "ENDPOINTS_WITHIN_DRAIN, BarrierReleasedOnlyWhenAllServe",
    "LEASE_COMPARE_AND_SWAP, AtMostOneLeaderPerEpoch",
    "POD_COMPARE_AND_SWAP, EpochNeverGoesBack",
    "FOLD_BY_RESOURCE_VERSION, ObjectAnswersHold",
    "PROBE_TELLS_TRUTH, BarrierReleasedOnlyWhenAllServe",
    "REFUSE_WHEN_TOLD, BarrierReleasedOnlyWhenAllServe"
  })
  void aBrokenRuleIsNoticed(Rule rule, String invariant) {
    Optional<String> noticed =
        LongStream.rangeClosed(1, SCHEDULES)
            .parallel()
            .mapToObj(seed -> violation(seed, rule))
            .filter(message -> message.startsWith(invariant + ":"))
            .findAny();
    assertThat(noticed).as("a violation of " + invariant).isPresent();
  }

  private static String violation(long seed, Rule rule) {
    try {
      new Schedule(seed, EnumSet.of(rule), new Trace(1)).run();
      return "";
    } catch (Violation violation) {
      return String.valueOf(violation.getMessage());
    } catch (IllegalStateException broken) {
      return "machine: " + broken.getMessage();
    }
  }
}
