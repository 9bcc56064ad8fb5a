package dev.lockstep.core.membership;

import static dev.lockstep.core.membership.SetDriver.EPOCH;
import static dev.lockstep.core.membership.SetDriver.exclusion;
import static dev.lockstep.core.membership.SetDriver.inSync;
import static dev.lockstep.core.membership.SetDriver.probe;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.identity;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.replica;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Pod;
import org.junit.jupiter.api.Test;

/** What the end of a process proves, about whom, and who is asked for it. */
final class EvidenceTest {
  private static final Pod.Condition OUT = Pod.Condition.NOT_IN_SYNC;
  private static final Event.Evidence GONE = Event.Evidence.GONE;
  private static final Event.Evidence UNCERTAIN = Event.Evidence.UNCERTAIN;

  private final SetDriver driver = new SetDriver();
  private final InSyncSet set = driver.set;

  /** Replica 2, whose pod is out of sync under our epoch, has lost its link. */
  private void outAndLost() {
    driver.list(0, pod(2, 7, OUT, EPOCH), pod(3, 8, OUT, EPOCH));
    driver.say(2, 0);
    driver.say(3, 0);
    driver.lose(2);
  }

  private void assertProbeOfTheEarlierRunProvesNothing() {
    driver.advance(1);
    driver.sayAsAnotherRun(2, 2);
    driver.lose(2);
    set.onProbed(replica(2), GONE);
    driver.advance(3);
    assertThat(driver.member(2).isCounted()).isTrue();
  }

  // What is no proof.

  /** Rule P29: a process that ended before the fence may have been followed by another. */
  @Test
  void probeThatWasUnderWayWhenTheFenceWasConfirmedShortensNothing() {
    Pod in = inSync(1)[0];
    driver.list(0, in);
    driver.say(2, 0);
    driver.lose(2);
    set.onBye(podId(2));
    assertThat(driver.advance(1)).containsExactly(exclusion(in, 2, "it is leaving"), probe(2));
    set.onSeen(pod(2, 200, OUT, EPOCH), at(2));
    set.onProbed(replica(2), GONE);
    assertThat(driver.advance(3)).as("another probe").containsExactly(probe(2));
    assertThat(driver.member(2).isCounted()).isTrue();
    set.onProbed(replica(2), GONE);
    driver.advance(4);
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rule P29. */
  @Test
  void evidenceAgainstOneReplicaIsNoneAgainstAnother() {
    outAndLost();
    driver.lose(3);
    assertThat(driver.advance(1)).containsExactly(probe(2), probe(3));
    set.onProbed(replica(3), GONE);
    driver.advance(2);
    assertThat(driver.member(2).isCounted()).isTrue();
    assertThat(driver.member(3).isCounted()).isFalse();
  }

  /** Rule P29: the next run of the pod may be up and serving already. */
  @Test
  void evidenceAgainstAnEarlierRunIsNoneAgainstThisOne() {
    outAndLost();
    assertProbeOfTheEarlierRunProvesNothing();
  }

  /** Rule P29: it was asked for by the follower that this leader was until a moment ago. */
  @Test
  void evidenceThatThisLeaderDidNotAskForIsNone() {
    driver.list(0, inSync(1));
    driver.say(2, 0);
    driver.lose(2);
    set.onProbed(replica(2), GONE);
    assertThat(driver.advance(1)).containsExactly(probe(2));
  }

  /** Rule P29: whoever refused then, has spoken since. */
  @Test
  void evidenceThatComesWhileALinkStandsIsNone() {
    driver.list(0, inSync(1));
    driver.say(2, 0);
    driver.lose(2);
    driver.advance(1);
    driver.say(2, 2);
    set.onProbed(replica(2), GONE);
    driver.lose(2);
    assertThat(driver.advance(3)).as("not taken for dead").containsExactly(probe(2));
  }

  /** Rule P37: a link is newer than any report of Kubernetes. */
  @Test
  void reportOfKubernetesIsNothingWhileALinkStands() {
    Pod in = inSync(1)[0];
    driver.list(0, in);
    driver.join(2, 0);
    set.onSeen(SetDriver.with(in, Pod.Process.NOT_RUNNING, Pod.Phase.PRESENT), at(1));
    assertThat(driver.advance(1)).isEmpty();
  }

  /** Rule P37: whoever refuses every port is fenced before it is silent for long. */
  @Test
  void whoRefusesEveryPortIsFencedAtOnce() {
    Pod in = inSync(1)[0];
    driver.list(0, in);
    driver.say(2, 0);
    driver.lose(2);
    driver.advance(1);
    set.onProbed(replica(2), GONE);
    assertThat(driver.advance(2)).containsExactly(exclusion(in, 2, "nobody runs there"));
  }

  // Who is asked.

  @Test
  void probeIsRepeatedAfterAPauseWhenItToldNothing() {
    outAndLost();
    assertThat(driver.advance(1)).containsExactly(probe(2));
    set.onProbed(replica(2), UNCERTAIN);
    assertThat(driver.advance(2_000)).isEmpty();
    assertThat(set.nextDeadline(at(2_000))).isEqualTo(at(2_001));
    assertThat(driver.advance(2_001)).containsExactly(probe(2));
  }

  /** Rule P29: a leader that was killed says hello to nobody, but it said once where it is. */
  @Test
  void predecessorIsProbedWithoutAHello() {
    Pod in = inSync(1)[0];
    set.onPredecessor(identity(2));
    driver.list(0, in);
    assertThat(driver.advance(1)).containsExactly(probe(2));
    set.onProbed(replica(2), GONE);
    assertThat(driver.advance(2)).containsExactly(exclusion(in, 2, "nobody runs there"));
    set.onSeen(pod(2, 200, OUT, EPOCH), at(3));
    assertThat(driver.advance(3)).as("anew after the fence").containsExactly(probe(2));
    set.onProbed(replica(2), GONE);
    driver.advance(4);
    assertThat(driver.member(2).isCounted()).isFalse();
  }

  /** Rule P29: it is another process that will answer there. */
  @Test
  void predecessorThatCameBackIsProbedAsWhoItIsNow() {
    set.onPredecessor(identity(2));
    driver.list(0, pod(2, 7, OUT, EPOCH));
    assertProbeOfTheEarlierRunProvesNothing();
  }

  @Test
  void nobodyElseIsTakenForThePredecessor() {
    set.onPredecessor(identity(2));
    driver.list(0, inSync(2)[1]);
    assertThat(driver.advance(1)).isEmpty();
  }

  @Test
  void earlierRunOfTheLeadersOwnPodIsNotProbed() {
    set.onPredecessor(identity(1));
    driver.list(0);
    assertThat(driver.advance(1)).isEmpty();
  }

  @Test
  void oneProbeIsUnderWayAtATime() {
    outAndLost();
    driver.advance(1);
    assertThat(driver.advance(9_000)).isEmpty();
  }

  /** The outcome of the earlier run's probe is nobody's: it must not be waited for. */
  @Test
  void anotherRunIsProbedThoughTheProbeOfTheEarlierOneNeverEnded() {
    outAndLost();
    driver.advance(1);
    driver.sayAsAnotherRun(2, 2);
    driver.lose(2);
    assertThat(driver.advance(3)).hasSize(1).hasOnlyElementsOfType(Effect.Probe.class);
  }

  @Test
  void whoSpokeOnlyAfterItWasCountedIsProbedAsWell() {
    driver.list(0, pod(2, 7, OUT, EPOCH));
    assertThat(driver.advance(1)).as("nobody knows where").isEmpty();
    driver.say(2, 2);
    driver.lose(2);
    assertThat(driver.advance(3)).containsExactly(probe(2));
  }

  @Test
  void whoIsLinkedOrGoneOrNotWaitedForIsNotProbed() {
    outAndLost();
    assertThat(driver.advance(1)).as("2 only").containsExactly(probe(2));
    set.onProbed(replica(2), GONE);
    assertThat(driver.advance(5_000)).as("proven").isEmpty();
    driver.advance(21_000);
    assertThat(driver.member(3).isCounted()).isFalse();
    driver.lose(3);
    assertThat(driver.advance(30_000)).as("not waited for").isEmpty();
  }
}
