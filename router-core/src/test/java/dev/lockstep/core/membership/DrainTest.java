package dev.lockstep.core.membership;

import static dev.lockstep.core.membership.SetDriver.CURRENT;
import static dev.lockstep.core.membership.SetDriver.EPOCH;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.digest;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.Pod;
import org.junit.jupiter.api.Test;

/**
 * From when the drain time of a replica counts: when nobody can hold a connection to it any more.
 */
final class DrainTest {
  private static final Pod.Condition OUT = Pod.Condition.NOT_IN_SYNC;

  private final SetDriver driver = new SetDriver();
  private final InSyncSet set = driver.set;

  /** Rule P28: that it speaks does not say that it hears. */
  @Test
  void drainTimeBeginsWhenItIsKnownToHaveBeenTold() {
    driver.list(0, pod(2, 7, OUT, EPOCH), pod(3, 8, OUT, EPOCH));
    driver.say(2, 0);
    driver.say(3, 0);
    for (long millis = 500; millis <= 20_000; millis += 500) {
      long sequence = millis / 500;
      set.onHeard(podId(2), beat(sequence, 0), at(millis));
      set.onHeard(podId(3), beat(sequence, sequence - 1), at(millis));
      driver.advance(millis);
    }
    assertThat(driver.member(2).isCounted()).as("deaf").isTrue();
    assertThat(driver.member(3).isCounted()).as("told at 1 s").isFalse();
  }

  private static Message.Heartbeat beat(long sequence, long answered) {
    return new Message.Heartbeat(epoch(EPOCH), sequence, answered, CURRENT, digest("a"));
  }

  /** Rule P28: a predecessor that is cut off answers it until the renew deadline, as a leader. */
  @Test
  void whoNeverSpokeHereMayHaveBeenInTouchElsewhere() {
    driver.list(0, pod(2, 7, OUT, EPOCH), pod(3, 8, OUT, EPOCH));
    driver.say(3, 0);
    driver.advance(20_000);
    assertThat(driver.member(3).isCounted()).as("fence time and drain time").isFalse();
    assertThat(driver.member(2).isCounted()).as("and a renew deadline").isTrue();
    driver.advance(24_000);
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rule P28: to the millisecond, as a barrier opens then. */
  @Test
  void drainTimeCountsFromTheFirstWordThatItWasTold() {
    driver.list(0, pod(2, 7, OUT, EPOCH));
    driver.say(2, 0);
    set.onHeard(podId(2), beat(1, 0), at(500));
    set.onHeard(podId(2), beat(2, 1), at(1_000));
    set.onHeard(podId(2), beat(3, 2), at(1_500));
    driver.advance(10_999);
    assertThat(driver.member(2).isCounted()).isTrue();
    driver.advance(11_000);
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rule P28: what it was answered while it was in sync told it nothing. */
  @Test
  void answersFromBeforeTheFenceTellNothing() {
    driver.list(0, pod(2, 7, Pod.Condition.IN_SYNC, EPOCH));
    driver.say(2, 0);
    set.onHeard(podId(2), beat(1, 0), at(500));
    set.onHeard(podId(2), beat(2, 1), at(1_000));
    set.onSeen(pod(2, 8, OUT, EPOCH), at(1_100));
    driver.advance(20_999);
    assertThat(driver.member(2).isCounted()).as("fence time and drain time").isTrue();
    driver.advance(21_000);
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rule P28: between two stamps of ours, anybody may have had it in sync. */
  @Test
  void stampThatWasTakenAwayStartsTheDrainTimeAnew() {
    driver.list(0, pod(2, 7, OUT, EPOCH));
    set.onSeen(pod(2, 8, OUT, 0), at(20_000));
    driver.advance(60_000);
    assertThat(driver.member(2).isCounted()).as("not stamped").isTrue();
    set.onSeen(pod(2, 10, OUT, EPOCH), at(61_000));
    driver.advance(70_999);
    assertThat(driver.member(2).isCounted()).isTrue();
    driver.advance(71_000);
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rule P28: Kubernetes touches a pod many times for reasons of its own. */
  @Test
  void laterSightsOfAPodThatIsOutDoNotStartTheDrainTimeAnew() {
    driver.list(0, pod(2, 7, OUT, EPOCH));
    set.onSeen(pod(2, 8, OUT, EPOCH), at(20_000));
    driver.advance(24_000);
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rules P28 and P37: the end of the pod adds nothing to what counts already. */
  @Test
  void podThatGoesWhileItDrainsIsForgottenWhenItIsDrained() {
    driver.list(0, pod(2, 7, OUT, EPOCH));
    set.onGone(podId(2), at(23_000));
    driver.advance(23_999);
    assertThat(driver.member(2).isCounted()).isTrue();
    driver.advance(24_000);
    assertThat(set.member(podId(2))).isEmpty();
  }

  /** Rule P33: a hello came first, so what the pod was before is not known. */
  @Test
  void podThatSpokeBeforeItWasSeenWasPerhapsInSync() {
    driver.list(0);
    driver.say(2, 0);
    driver.advance(0);
    set.onSeen(pod(2, 7, OUT, 0), at(1));
    driver.lose(2);
    driver.advance(1);
    set.onSeen(pod(2, 8, OUT, EPOCH), at(2));
    driver.advance(19_999);
    assertThat(driver.member(2).isCounted()).isTrue();
    driver.advance(20_000);
    assertThat(driver.member(2).isCounted()).isFalse();
  }
}
