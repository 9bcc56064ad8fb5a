package dev.lockstep.core.membership;

import static dev.lockstep.core.membership.SetDriver.EPOCH;
import static dev.lockstep.core.membership.SetDriver.inSync;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who is evicted, where that is asked for, and who never is. */
final class EvictionTest {
  private static final Pod.Condition OUT = Pod.Condition.NOT_IN_SYNC;

  private final SetDriver driver = SetDriver.evictingAfter(Duration.ofSeconds(30));

  /** Pod 2 is silent, and its fence is confirmed at 10.5 s. */
  private void fence() {
    driver.list(0, inSync(1));
    driver.advance(10_000);
    driver.set.onSeen(pod(2, 200, OUT, EPOCH), at(10_500));
  }

  private boolean evictsAnybody(long millis) {
    return driver.advance(millis).stream().anyMatch(Effect.EvictPod.class::isInstance);
  }

  @Test
  void silentMemberIsEvictedOnceIfThatIsAskedFor() {
    fence();
    assertThat(driver.advance(40_499)).isEmpty();
    assertThat(driver.set.nextDeadline(at(40_499))).isEqualTo(at(40_500));
    assertThat(driver.advance(40_500))
        .containsExactly(new Effect.EvictPod(podId(2), "it is silent"));
    assertThat(driver.set.nextDeadline(at(40_500))).isEqualTo(NanoTime.NEVER);
    assertThat(driver.advance(50_000)).isEmpty();
  }

  /** Nobody knows yet that it is out of traffic, and it may have come back meanwhile. */
  @Test
  void evictionWaitsForTheConfirmationOfTheFence() {
    driver.list(0, inSync(1));
    driver.say(2, 1);
    driver.advance(10_001);
    assertThat(driver.member(2).fenced()).isEqualTo("it is silent");
    assertThat(evictsAnybody(90_000)).isFalse();
  }

  @Test
  void nobodyIsEvictedUnlessThatIsAskedFor() {
    SetDriver standard = new SetDriver();
    standard.list(0, inSync(1));
    standard.advance(10_000);
    standard.set.onSeen(pod(2, 200, OUT, EPOCH), at(10_500));
    standard.advance(24_000);
    assertThat(standard.set.nextDeadline(at(24_000))).isEqualTo(NanoTime.NEVER);
    assertThat(standard.advance(90_000)).isEmpty();
  }

  /** Rule P38. */
  @Test
  void refusalIsAnAnswerAndNeverEvicts() {
    driver.list(0, inSync(2));
    driver.join(2, 0);
    driver.set.onRefused(podId(2), version(11), "no memory", at(1));
    driver.set.onBye(podId(3));
    driver.advance(10_001);
    driver.set.onSeen(pod(2, 200, OUT, EPOCH), at(10_002));
    assertThat(evictsAnybody(50_000)).isFalse();
    assertThat(driver.member(2).lastNack()).isEqualTo("11: no memory");
  }

  /** A replica that was never in sync may be on its way there. */
  @Test
  void whoWasNotFencedIsNotEvicted() {
    driver.list(0, pod(2, 7, OUT, EPOCH));
    driver.advance(24_000);
    assertThat(driver.set.nextDeadline(at(24_000))).isEqualTo(NanoTime.NEVER);
    assertThat(evictsAnybody(90_000)).isFalse();
  }

  /** Rule P37: it goes by itself. */
  @Test
  void whoLeavesIsNotEvicted() {
    fence();
    driver.set.onBye(podId(2));
    assertThat(evictsAnybody(50_000)).isFalse();
  }

  @Test
  void podThatIsGoneIsNotEvicted() {
    driver.list(0, inSync(1));
    driver.set.onGone(podId(2), at(1));
    assertThat(evictsAnybody(31_000)).isFalse();
  }

  /** Another run of the pod deserves its own time: the one that was evicted is over. */
  @Test
  void anotherRunOfThePodIsEvictedAnew() {
    driver.list(0, inSync(1));
    driver.say(2, 0);
    driver.advance(10_000);
    driver.set.onSeen(pod(2, 200, OUT, EPOCH), at(10_500));
    assertThat(evictsAnybody(40_500)).isTrue();
    driver.say(2, 41_000);
    assertThat(evictsAnybody(80_000)).as("the same run").isFalse();
    driver.sayAsAnotherRun(2, 81_000);
    assertThat(evictsAnybody(110_999)).isFalse();
    assertThat(evictsAnybody(111_000)).isTrue();
  }
}
