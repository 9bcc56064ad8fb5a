package dev.lockstep.agent.proxy.health;

import static dev.lockstep.agent.proxy.health.Health.Failure.ANSWER;
import static dev.lockstep.agent.proxy.health.Health.Failure.CONNECT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.proxy.health.Health.Standing;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Three failures in a row; then one second, two, four, up to eight. */
class HealthTest {
  private final AtomicLong clock = new AtomicLong(-5_000_000_000L);
  private final Health health =
      new Health(
          Recovery.of(3, Duration.ofSeconds(1), Duration.ofSeconds(8)),
          clock::get,
          new SplittableRandom(7));

  private void fail(Health.Failure failure, int times) {
    for (int i = 0; i < times; i++) {
      health.failed(failure);
    }
  }

  private void advance(Duration by) {
    clock.addAndGet(by.toNanos());
  }

  /** {@return seconds until its time comes, without the spread} */
  private long wait(Health of) {
    return Math.round((of.wakeAt() - clock.get()) / 1e9);
  }

  private void wakeAtItsTime() {
    clock.set(health.wakeAt());
    health.wake();
  }

  @Test
  void failuresInARowTakeAnEndpointOut() {
    fail(ANSWER, 2);
    assertThat(health.standing()).isEqualTo(Standing.WELL);
    fail(ANSWER, 1);
    assertThat(health.standing()).isEqualTo(Standing.EJECTED);
  }

  @Test
  void oneGoodAnswerBeginsTheCountAnew() {
    for (int i = 0; i < 20; i++) {
      fail(ANSWER, 2);
      health.answered();
    }
    assertThat(health.standing()).isEqualTo(Standing.WELL);
    health.answered();
    fail(CONNECT, 3);
    assertThat(health.standing()).isEqualTo(Standing.DEAD);
  }

  @Test
  void lastFailureSaysWhetherItIsDeadOrEjected() {
    fail(ANSWER, 2);
    fail(CONNECT, 1);
    assertThat(health.standing()).isEqualTo(Standing.DEAD);
  }

  @Test
  void ejectedOneGetsOneTrialWhenItsTimeHasComeAndIsBackIfThatGoesWell() {
    fail(ANSWER, 3);
    assertThat(health.tryTrial()).isFalse();
    wakeAtItsTime();
    assertThat(health.standing()).isEqualTo(Standing.TRIAL);
    assertThat(health.tryTrial()).isTrue();
    assertThat(health.tryTrial()).isFalse();
    health.trialDone();
    assertThat(health.standing()).isEqualTo(Standing.WELL);
    fail(ANSWER, 2);
    assertThat(health.standing()).isEqualTo(Standing.WELL);
  }

  @Test
  void trialThatNobodyFinishedIsSomebodyElses() {
    fail(ANSWER, 3);
    wakeAtItsTime();
    assertThat(health.tryTrial()).isTrue();
    health.trialAbandoned();
    assertThat(health.tryTrial()).isTrue();
  }

  @Test
  void eachFailedTrialDoublesTheTimeUpToItsBound() {
    fail(ANSWER, 3);
    for (long seconds : new long[] {1, 2, 4, 8, 8}) {
      assertThat(wait(health)).isEqualTo(seconds);
      wakeAtItsTime();
      assertThat(health.tryTrial()).isTrue();
      health.trialFailed(ANSWER);
      assertThat(health.standing()).isEqualTo(Standing.EJECTED);
    }
  }

  @Test
  void endpointThatFailsAgainSoonAfterItsReturnIsLeftAloneForLonger() {
    fail(ANSWER, 3);
    wakeAtItsTime();
    health.tryTrial();
    health.trialDone();
    advance(Duration.ofSeconds(7));
    fail(ANSWER, 3);
    assertThat(wait(health)).isEqualTo(2);
  }

  @Test
  void timeBeginsAnewForOneThatHasBeenWellForLong() {
    fail(ANSWER, 3);
    wakeAtItsTime();
    health.tryTrial();
    health.trialDone();
    advance(Duration.ofSeconds(9));
    fail(ANSWER, 3);
    assertThat(wait(health)).isEqualTo(1);
  }

  @Test
  void deadOneIsProbedByOneAtATimeWithGrowingPatience() {
    fail(CONNECT, 3);
    assertThat(health.standing()).isEqualTo(Standing.DEAD);
    assertThat(health.probeTimeout()).isEqualTo(Duration.ofSeconds(1));
    for (long seconds : new long[] {1, 2, 4, 8, 8}) {
      assertThat(wait(health)).isEqualTo(seconds);
      wakeAtItsTime();
      assertThat(health.standing()).isEqualTo(Standing.DEAD);
      assertThat(health.tryTrial()).isTrue();
      assertThat(health.tryTrial()).isFalse();
      health.trialFailed(CONNECT);
    }
    assertThat(health.probeTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(health.tryTrial()).as("a request may probe before the time has come").isTrue();
    health.trialDone();
    assertThat(health.standing()).isEqualTo(Standing.WELL);
  }

  @Test
  void lateResultsOfEarlierRequestsCountForNothing() {
    fail(ANSWER, 3);
    long wakeAt = health.wakeAt();
    health.answered();
    fail(CONNECT, 10);
    assertThat(health.standing()).isEqualTo(Standing.EJECTED);
    assertThat(health.wakeAt()).isEqualTo(wakeAt);
    wakeAtItsTime();
    fail(ANSWER, 10);
    health.answered();
    assertThat(health.standing()).isEqualTo(Standing.TRIAL);
    assertThat(health.tryTrial()).isTrue();
  }

  @Test
  void ejectionCanBeOff() {
    Health never =
        new Health(
            Recovery.of(0, Duration.ofSeconds(1), Duration.ofSeconds(8)),
            clock::get,
            new SplittableRandom(7));
    for (int i = 0; i < 100; i++) {
      never.failed(CONNECT);
    }
    assertThat(never.standing()).isEqualTo(Standing.WELL);
  }

  @Test
  void endpointsThatFellTogetherAreNotProbedTogether() {
    Health other =
        new Health(
            Recovery.of(3, Duration.ofSeconds(1), Duration.ofSeconds(8)),
            clock::get,
            new SplittableRandom(8));
    fail(CONNECT, 3);
    for (int i = 0; i < 3; i++) {
      other.failed(CONNECT);
    }
    assertThat(other.wakeAt()).isNotEqualTo(health.wakeAt());
  }
}
