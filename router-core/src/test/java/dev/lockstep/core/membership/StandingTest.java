package dev.lockstep.core.membership;

import static dev.lockstep.core.membership.SetDriver.CURRENT;
import static dev.lockstep.core.membership.SetDriver.EPOCH;
import static dev.lockstep.core.membership.SetDriver.exclusion;
import static dev.lockstep.core.membership.SetDriver.inSync;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.hello;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.replica;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.AckEntry;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.Pod;
import org.junit.jupiter.api.Test;

/** What a leader says of the others: how it counts them, and whether it has any company. */
final class StandingTest {
  private final SetDriver driver = new SetDriver();
  private final InSyncSet set = driver.set;

  @Test
  void podThatNobodyHasSeenIsJoining() {
    assertThat(set.standing(podId(2))).isEqualTo(Message.Standing.JOINING);
  }

  /** Rule P49: it hears that it is not in sync, and retires its connections. */
  @Test
  void podThatIsGoneIsFencedThoughItWasLastSeenInSync() {
    driver.list(0, inSync(1));
    driver.join(2, 0);
    set.onGone(podId(2), at(1));
    assertThat(set.standing(podId(2))).isEqualTo(Message.Standing.FENCED);
    assertThat(driver.member(2).fenced()).isEqualTo("its pod is gone");
  }

  /** Rule P45: who was excluded is said, and why. */
  @Test
  void fenceSaysWhyUntilTheReplicaIsBack() {
    driver.list(0, inSync(1));
    driver.advance(10_000);
    assertThat(driver.member(2).fenced()).isEqualTo("it is silent");
    set.onSeen(pod(2, 200, Pod.Condition.IN_SYNC, EPOCH), at(10_001));
    assertThat(driver.member(2).fenced()).isEmpty();
  }

  /** Rule P37. */
  @Test
  void departureIsToldOnceItIsOver() {
    driver.list(0, inSync(1));
    set.onServed(podId(2), CURRENT, at(0));
    set.onGone(podId(2), at(1));
    assertThat(driver.advanceAll(23_999)).isEmpty();
    String reason = "its pod is gone";
    Effect.Notice left = new Effect.MemberChanged("router2", podId(2), AckEntry.Kind.LEFT, reason);
    assertThat(driver.advanceAll(24_000)).containsExactly(new Effect.Announce(left));
  }

  /** A replica that stops being waited for and may come back has not left. */
  @Test
  void whoIsOutOfTheSetHasNotLeft() {
    driver.list(0, pod(2, 7, Pod.Condition.NOT_IN_SYNC, EPOCH));
    set.onServed(podId(2), CURRENT, at(0));
    assertThat(driver.advanceAll(24_000)).isEmpty();
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rule P40: such a pod makes promises void as long as it runs. */
  @Test
  void podWithoutOurGateMattersOnlyWhileItRuns() {
    Pod in = inSync(1)[0];
    Pod gateless =
        new Pod(
            in.id(),
            in.resourceVersion(),
            in.condition(),
            in.stamp(),
            in.version(),
            in.alias(),
            Pod.Process.NOT_RUNNING,
            in.phase(),
            Pod.Gate.MISSING,
            in.node());
    driver.list(0, gateless);
    assertThat(set.undecidable()).isEmpty();
  }

  /** Rule P40: the last sight of it does not stand for it. */
  @Test
  void nothingCanBeSaidOnceOurOwnPodIsGone() {
    driver.list(0, inSync(1));
    assertThat(set.undecidable()).isEmpty();
    set.onGone(podId(1), at(1));
    assertThat(set.undecidable()).contains("router-1", "the leader's own");
  }

  // Links.

  @Test
  void lossOfAnEarlierLinkChangesNothing() {
    driver.list(0, inSync(1));
    driver.say(2, 0);
    set.onHello(new LinkId(7), hello(2, Snapshot.NONE), at(1));
    driver.lose(2);
    assertThat(driver.member(2).link()).contains(new LinkId(7));
  }

  /** Rule P14: a link that stands may be half cut, and we are no company of ours. */
  @Test
  void companyIsWhoWasHeardLatelyOverItsLink() {
    driver.list(0, inSync(1));
    assertThat(set.hasCompany(at(0))).as("nobody spoke").isFalse();
    driver.say(1, 0);
    assertThat(set.hasCompany(at(0))).as("we alone").isFalse();
    driver.say(2, 0);
    assertThat(set.hasCompany(at(1_999))).isTrue();
    assertThat(set.hasCompany(at(2_000))).as("silent").isFalse();
    driver.lose(2);
    assertThat(set.hasCompany(at(1))).as("lost").isFalse();
  }

  /** Rule P13. */
  @Test
  void leaderIsNotItsOwnSuccessor() {
    driver.list(0, inSync(1));
    driver.say(1, 0);
    driver.say(2, 0);
    assertThat(set.successors()).containsExactly(replica(2));
  }

  /** Rule P37: the same process is leaving still, whatever link it speaks over. */
  @Test
  void whoLeavesIsLeavingUntilAnotherProcessSpeaks() {
    Pod in = inSync(1)[0];
    driver.list(0, in);
    driver.say(2, 0);
    set.onBye(podId(2));
    driver.say(2, 1);
    assertThat(driver.member(2).isLeaving()).isTrue();
    driver.sayAsAnotherRun(2, 2);
    assertThat(driver.member(2).isLeaving()).isFalse();
    assertThat(driver.advance(2)).isEmpty();
    Pod deleted = SetDriver.with(in, Pod.Process.RUNNING, Pod.Phase.LEAVING);
    set.onSeen(deleted, at(3));
    assertThat(driver.advance(3)).containsExactly(exclusion(deleted, 2, "it is leaving"));
  }
}
