package dev.lockstep.core.membership;

import static dev.lockstep.core.membership.SetDriver.CURRENT;
import static dev.lockstep.core.membership.SetDriver.EPOCH;
import static dev.lockstep.core.membership.SetDriver.admission;
import static dev.lockstep.core.membership.SetDriver.exclusion;
import static dev.lockstep.core.membership.SetDriver.probe;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.replica;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.Pod;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is counted, from when, and until when. */
final class InSyncSetTest {
  private static final Pod.Condition IN = Pod.Condition.IN_SYNC;
  private static final Pod.Condition OUT = Pod.Condition.NOT_IN_SYNC;

  private final SetDriver driver = new SetDriver();
  private final InSyncSet set = driver.set;

  // Growing.

  /** Rule P26. */
  @Test
  void everyListedPodCounts() {
    driver.list(0, pod(2, 7, IN, 4), pod(3, 8, OUT, 4), pod(4, 9, OUT, 0));
    assertThat(set.members()).hasSize(4).allMatch(Member::isCounted);
    assertThat(set.lowestAcked()).isEqualTo(version(0));
  }

  /** Rule P26: a hello of a pod that no watch has shown counts it, and the pod is read. */
  @Test
  void helloCountsBeforeAnyWatchHasShownThePod() {
    driver.list(0);
    driver.say(2, 5);
    assertThat(driver.member(2).isCounted()).isTrue();
    assertThat(driver.advance(5)).containsExactly(new Effect.ReadPod(podId(2)));
    set.onGone(podId(2), at(6));
    assertThat(driver.member(2).isCounted()).isTrue();
    driver.advance(20_006);
    assertThat(set.member(podId(2))).isEmpty();
  }

  /** Rule P27: counted when the write leaves, and not only when it is confirmed. */
  @Test
  void setGrowsBeforeTheAdmissionIsSent() {
    Pod out = outAndForgotten();
    driver.join(2, 20_000);
    assertThat(driver.advance(20_000)).containsExactly(admission(out, 2));
    assertThat(driver.member(2).isCounted()).isTrue();
    assertThat(driver.member(2).isAdmitted()).isTrue();
  }

  /** Rule P34. */
  @Test
  void admittedIsOnlyWhoAckedTheNewestAndHasChecked() {
    Pod out = outAndForgotten();
    driver.say(2, 20_000);
    set.onServed(podId(2), version(9), at(20_000));
    set.onChecked(podId(2), at(20_000));
    assertThat(driver.advance(20_001)).as("an older version").isEmpty();
    set.onServed(podId(2), CURRENT, at(20_002));
    assertThat(driver.advance(20_002)).containsExactly(admission(out, 2));
  }

  /** Rule P34: what was checked over an earlier link says nothing about this one. */
  @Test
  void checkDoesNotOutliveItsLink() {
    outAndForgotten();
    driver.join(2, 20_000);
    set.onLinkLost(podId(2), new LinkId(2));
    driver.say(2, 20_001);
    set.onServed(podId(2), CURRENT, at(20_001));
    assertThat(driver.advance(20_001)).isEmpty();
  }

  // Shrinking.

  /** Rules P28 and P35. */
  @Test
  void fencedMemberCountsUntilTheDrainTimeAfterTheConfirmation() {
    Pod in = pod(2, 7, IN, EPOCH);
    driver.list(0, in);
    assertThat(driver.advance(9_999)).isEmpty();
    assertThat(driver.advance(10_000)).containsExactly(exclusion(in, 2, "it is silent"));
    driver.advance(60_000);
    assertThat(driver.member(2).isCounted()).as("not confirmed").isTrue();
    set.onSeen(pod(2, 8, OUT, EPOCH), at(60_000));
    driver.advance(69_999);
    assertThat(driver.member(2).isCounted()).isTrue();
    driver.advance(70_000);
    assertThat(driver.member(2).isCounted()).isFalse();
    assertThat(set.lowestAcked()).isEqualTo(CURRENT);
  }

  /** Rule P30: somebody fenced it a moment ago, and did not live to wait. */
  @Test
  void podThatIsOutCountsUntilItIsStampedAndTheDrainTimeIsOver() {
    Pod out = pod(2, 7, OUT, 4);
    driver.list(0, out);
    assertThat(driver.advance(0)).containsExactly(exclusion(out, 2, "not in sync yet"));
    driver.advance(40_000);
    assertThat(driver.member(2).isCounted()).isTrue();
    set.onSeen(pod(2, 8, OUT, EPOCH), at(30_000));
    driver.advance(39_999);
    assertThat(driver.member(2).isCounted()).isTrue();
    driver.advance(40_000);
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rule P33. */
  @Test
  void virginPodIsForgottenOnceItIsStamped() {
    Pod virgin = pod(2, 7, OUT, 0);
    driver.list(0, virgin);
    assertThat(driver.advance(0)).containsExactly(exclusion(virgin, 2, "not in sync yet"));
    assertThat(driver.member(2).isCounted()).as("not confirmed").isTrue();
    set.onSeen(pod(2, 8, OUT, EPOCH), at(5));
    driver.advance(5);
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rule P33: once it was admitted, an endpoint of it exists. */
  @Test
  void admissionEndsVirginity() {
    driver.list(0, pod(2, 7, OUT, 0));
    driver.join(2, 0);
    driver.advance(0);
    set.onSeen(pod(2, 8, IN, EPOCH), at(1));
    set.onBye(podId(2));
    driver.advance(2);
    set.onSeen(pod(2, 9, OUT, EPOCH), at(3));
    driver.advance(19_999);
    assertThat(driver.member(2).isCounted()).isTrue();
    driver.advance(20_000);
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rule P33: between two sights another leader may have had it in sync. */
  @Test
  void stampOfAnotherLeaderEndsVirginity() {
    driver.list(0, pod(2, 7, OUT, 0));
    set.onSeen(pod(2, 9, OUT, 4), at(1));
    set.onSeen(pod(2, 10, OUT, EPOCH), at(2));
    driver.advance(10_001);
    assertThat(driver.member(2).isCounted()).isTrue();
  }

  /** Rule P29: the design trap of old evidence. */
  @Test
  void evidenceFromBeforeTheFenceShortensNothing() {
    driver.list(0, pod(2, 7, IN, EPOCH));
    driver.say(2, 0);
    set.onLinkLost(podId(2), new LinkId(2));
    assertThat(driver.advance(1)).containsExactly(probe(2));
    set.onProbed(replica(2), Event.Evidence.GONE);
    driver.advance(2); // It looks dead: fenced at once.
    set.onSeen(pod(2, 8, OUT, EPOCH), at(1_000));
    assertThat(driver.advance(1_000)).as("a new probe").containsExactly(probe(2));
    assertThat(driver.member(2).isCounted()).isTrue();
    set.onProbed(replica(2), Event.Evidence.GONE);
    driver.advance(1_001);
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rule P29. */
  @Test
  void silenceOfAProbeIsNoEvidence() {
    driver.list(0, pod(2, 7, OUT, EPOCH));
    driver.say(2, 0);
    set.onLinkLost(podId(2), new LinkId(2));
    driver.advance(1);
    set.onProbed(replica(2), Event.Evidence.UNCERTAIN);
    driver.advance(9_999);
    assertThat(driver.member(2).isCounted()).isTrue();
  }

  /** Rule P29: what Kubernetes reports may be older than the process that runs now. */
  @Test
  void reportOfKubernetesFencesAndShortensNothing() {
    Pod in = pod(2, 7, IN, EPOCH);
    driver.list(0, in);
    Pod dead = SetDriver.with(in, Pod.Process.NOT_RUNNING, Pod.Phase.PRESENT);
    set.onSeen(dead, at(1));
    assertThat(driver.advance(1)).containsExactly(exclusion(dead, 2, "nobody runs there"));
    set.onSeen(pod(2, 9, OUT, EPOCH), at(2));
    driver.advance(10_001);
    assertThat(driver.member(2).isCounted()).isTrue();
  }

  /** Rule P28. */
  @Test
  void pendingAdmissionBlocksTheExclusion() {
    outAndForgotten();
    driver.join(2, 20_000);
    driver.advance(20_000);
    set.onWriteUnresolved(podId(2), at(20_001));
    set.onLinkLost(podId(2), new LinkId(2));
    driver.advance(90_000);
    assertThat(driver.member(2).isCounted()).isTrue();
  }

  /** Rule P28: an admission that lost the race leaves D to run anew. */
  @Test
  void lostAdmissionStartsTheDrainTimeAnew() {
    Pod out = outAndForgotten();
    driver.join(2, 20_000);
    driver.advance(20_000);
    set.onLinkLost(podId(2), new LinkId(2));
    set.onSeen(SetDriver.with(out, Pod.Process.RUNNING, Pod.Phase.PRESENT), at(25_000));
    driver.advance(39_999);
    assertThat(driver.member(2).isCounted()).isTrue();
    driver.advance(40_000);
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rule P26. */
  @Test
  void helloOfAFencedReplicaCountsItAnew() {
    outAndForgotten();
    driver.say(2, 20_000);
    assertThat(driver.member(2).isCounted()).isTrue();
    driver.advance(39_999);
    assertThat(driver.member(2).isCounted()).isTrue();
    driver.advance(40_000);
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rule P37. */
  @Test
  void podThatIsGoneCountsForTheDrainTimeAndNeverComesBack() {
    driver.list(0, pod(2, 7, IN, EPOCH));
    set.onGone(podId(2), at(100));
    set.onSeen(pod(2, 9, IN, EPOCH), at(200));
    driver.advance(23_999);
    assertThat(driver.member(2).isCounted()).isTrue();
    driver.advance(24_000);
    assertThat(set.member(podId(2))).isEmpty();
  }

  /** Rule P37. */
  @Test
  void olderSightChangesNothing() {
    driver.list(0, pod(2, 7, IN, EPOCH));
    set.onSeen(pod(2, 6, OUT, EPOCH), at(1));
    assertThat(driver.member(2).pod().isInSync()).isTrue();
    assertThat(driver.member(2).isOut(epoch(EPOCH))).isFalse();
  }

  // Writes.

  /** Rule P31. */
  @Test
  void unresolvedWriteIsReadAndRepeatedAsItWas() {
    Pod in = pod(2, 7, IN, EPOCH);
    driver.list(0, in);
    Effect fence = exclusion(in, 2, "it is silent");
    assertThat(driver.advance(10_000)).containsExactly(fence);
    set.onWriteUnresolved(podId(2), at(11_000));
    assertThat(driver.advance(11_249)).isEmpty();
    assertThat(driver.advance(11_250)).containsExactly(new Effect.ReadPod(podId(2)));
    List<Effect> out = new ArrayList<>();
    set.onSeen(in, at(11_300));
    set.settle(in, CURRENT, out);
    assertThat(out).containsExactly(fence);
  }

  /** Rule P31. */
  @Test
  void movedPodSettlesTheWrite() {
    Pod in = pod(2, 7, IN, EPOCH);
    driver.list(0, in);
    driver.advance(10_000);
    Pod moved = SetDriver.with(in, Pod.Process.RUNNING, Pod.Phase.PRESENT);
    List<Effect> out = new ArrayList<>();
    set.onSeen(moved, at(11_000));
    set.settle(moved, CURRENT, out);
    assertThat(out).isEmpty();
    assertThat(driver.advance(11_000)).containsExactly(exclusion(moved, 2, "it is silent"));
  }

  /** Rules P31 and P32. */
  @Test
  void higherStampIsNeverOverwrittenAndTells() {
    driver.list(0, pod(2, 7, OUT, EPOCH + 1), pod(3, 8, IN, EPOCH + 1));
    assertThat(driver.advance(30_000)).isEmpty();
    assertThat(set.highestStamp()).isEqualTo(epoch(EPOCH + 1));
  }

  // What is said about the set.

  /** Rule P40. */
  @Test
  void nothingCanBeSaidBeforeThePodsAreListedOrWithoutOurOwn() {
    assertThat(set.undecidable()).isEqualTo("the pods of the mesh are not listed yet");
    set.onListed(List.of(pod(2, 7, IN, EPOCH)), at(0));
    assertThat(set.undecidable()).contains("router-1", "the leader's own");
  }

  /** Rule P40. */
  @Test
  void podWithoutOurGateMakesEveryAnswerUnknown() {
    Pod in = pod(2, 7, IN, EPOCH);
    Pod gateless =
        new Pod(
            in.id(),
            8,
            OUT,
            epoch(0),
            version(0),
            "",
            Pod.Process.RUNNING,
            Pod.Phase.PRESENT,
            Pod.Gate.MISSING,
            "node");
    driver.list(0, gateless);
    assertThat(set.undecidable()).contains("router-2", "readiness gate");
    set.onGone(podId(2), at(1));
    assertThat(set.undecidable()).isEmpty();
  }

  @Test
  void standingSaysHowAReplicaIsCounted() {
    driver.list(0, pod(2, 7, IN, EPOCH), pod(3, 8, OUT, EPOCH));
    assertThat(set.standing(podId(2))).isEqualTo(Message.Standing.IN_SYNC);
    assertThat(set.standing(podId(3))).isEqualTo(Message.Standing.JOINING);
    driver.advance(10_000);
    set.onSeen(pod(2, 9, OUT, EPOCH), at(10_001));
    assertThat(set.standing(podId(2))).isEqualTo(Message.Standing.FENCED);
  }

  @Test
  void successorsAreReachableAndTheMostUpToDateFirst() {
    driver.list(0, pod(2, 7, OUT, EPOCH), pod(3, 8, IN, EPOCH), pod(4, 9, IN, EPOCH));
    driver.say(2, 0);
    driver.say(3, 0);
    driver.say(4, 0);
    set.onServed(podId(4), CURRENT, at(1));
    assertThat(set.successors()).containsExactly(replica(4), replica(3), replica(2));
    set.onBye(podId(4));
    set.onLinkLost(podId(3), new LinkId(3));
    assertThat(set.successors()).containsExactly(replica(2));
  }

  /** {@return pod 2, fenced, drained and not counted} */
  private Pod outAndForgotten() {
    Pod out = pod(2, 7, OUT, EPOCH);
    driver.list(0, out);
    driver.advance(24_000);
    assertThat(driver.member(2).isCounted()).isFalse();
    return out;
  }
}
