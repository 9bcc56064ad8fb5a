package dev.lockstep.core.membership;

import static dev.lockstep.core.membership.SetDriver.CURRENT;
import static dev.lockstep.core.membership.SetDriver.EPOCH;
import static dev.lockstep.core.membership.SetDriver.exclusion;
import static dev.lockstep.core.membership.SetDriver.inSync;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import org.junit.jupiter.api.Test;

/** When the set wants to be asked again: not too late to be true, and never in vain. */
final class DeadlinesTest {
  private static final Pod.Condition OUT = Pod.Condition.NOT_IN_SYNC;

  private final SetDriver driver = new SetDriver();
  private final InSyncSet set = driver.set;

  private NanoTime next(long millis) {
    return set.nextDeadline(at(millis));
  }

  @Test
  void leaderAloneWaitsForNothing() {
    driver.list(0);
    assertThat(next(0)).isEqualTo(NanoTime.NEVER);
    assertThat(next(90_000)).isEqualTo(NanoTime.NEVER);
  }

  /** Rule P35. */
  @Test
  void silenceIsDueAtTheFenceTime() {
    driver.list(0, inSync(1));
    driver.join(2, 0);
    assertThat(next(0)).isEqualTo(at(10_000));
  }

  /** Rule P35. */
  @Test
  void lagIsDueAtTheLateTimeAndThenAtTheFenceTime() {
    driver.list(0, inSync(1));
    driver.join(2, 0);
    set.onCurrent(CURRENT.next(), at(1_000));
    set.onServed(podId(1), CURRENT.next(), at(1_000));
    assertThat(next(1_000)).isEqualTo(at(6_000));
    set.onServed(podId(2), CURRENT, at(6_000));
    driver.advance(6_000);
    assertThat(next(6_000)).isEqualTo(at(11_000));
  }

  /** Rule P28. */
  @Test
  void drainIsDueWhenItIsOverAndThenNothingIs() {
    driver.list(0, pod(2, 7, OUT, EPOCH));
    set.onServed(podId(2), CURRENT, at(0));
    assertThat(next(0)).isEqualTo(at(24_000));
    driver.advance(24_000);
    assertThat(next(24_000)).isEqualTo(NanoTime.NEVER);
  }

  /** A deadline in the past would keep the loop busy until somebody answers. */
  @Test
  void nothingIsDueWhileTheAnswerToAWriteIsMissing() {
    Pod in = inSync(1)[0];
    driver.list(0, in);
    set.onServed(podId(2), CURRENT, at(0));
    assertThat(driver.advance(10_000)).containsExactly(exclusion(in, 2, "it is silent"));
    assertThat(next(10_000)).isEqualTo(NanoTime.NEVER);
  }

  /** Somebody took our stamp away: what counted from it counts no more. */
  @Test
  void nothingIsDueForAPodWhoseStampWasTakenAway() {
    driver.list(0, pod(2, 7, OUT, EPOCH));
    set.onServed(podId(2), CURRENT, at(0));
    Pod edited = pod(2, 8, OUT, 0);
    set.onSeen(edited, at(1));
    assertThat(driver.advance(1)).containsExactly(exclusion(edited, 2, "not in sync yet"));
    assertThat(next(60_000)).isEqualTo(NanoTime.NEVER);
  }
}
