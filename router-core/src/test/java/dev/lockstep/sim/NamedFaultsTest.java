package dev.lockstep.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.sim.Cluster.Direction;
import dev.lockstep.sim.Cluster.Member;
import dev.lockstep.sim.invariant.Mesh;
import dev.lockstep.sim.world.SimShell;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One fault after the other, each by its name; all invariants watch. */
final class NamedFaultsTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void aChangeIsOpenOnceEverybodyServesIt(int replicas) {
    Cluster cluster = Cluster.of(replicas).start();
    long written = cluster.write(0);
    Answer.Open open = cluster.askPresent(0, written).expectOpen();
    assertThat(open.applied()).hasSize(replicas);
    assertThat(cluster.all()).allMatch(member -> member.served().isAtLeast(open.version()));
    cluster.delete(0);
    Answer.Open gone = cluster.askAbsent(0).expectOpen();
    assertThat(gone.version()).isGreaterThan(open.version());
  }

  @Test
  void aChangeThatChangesNothingMakesNoVersion() {
    Cluster cluster = Cluster.of(3).start();
    Answer.Open first = cluster.askPresent(0, cluster.write(0)).expectOpen();
    Answer.Open second = cluster.askPresent(0, cluster.touch(0)).expectOpen();
    assertThat(second.version()).isEqualTo(first.version());
  }

  @Test
  void aQuarantinedObjectIsRejectedAndKeepsItsLastGoodForm() {
    Cluster cluster = Cluster.of(3).start();
    Answer.Open good = cluster.askPresent(0, cluster.write(0)).expectOpen();
    cluster.askPresent(0, cluster.write(0, Mesh.Form.QUARANTINED)).expect(Answer.Rejected.class);
    assertThat(cluster.version()).isEqualTo(good.version());
  }

  @Test
  void anObjectThatNobodyKnowsIsUnknown() {
    Cluster cluster = Cluster.of(3).start();
    cluster.askPresent(3, 1).expect(Answer.Unknown.class);
    cluster.askPresent(0, cluster.write(0, Mesh.Form.IGNORED)).expect(Answer.Unknown.class);
  }

  @Test
  void aCrashedLeaderIsReplacedAtOnceAndVersionsGoOn() {
    Cluster cluster = Cluster.of(3).start();
    Version before = cluster.askPresent(0, cluster.write(0)).expectOpen().version();
    Member leader = cluster.leader();
    Epoch epoch = cluster.lease().epoch();
    leader.crash();
    cluster.advance(cluster.timings().leaseDuration().dividedBy(2));
    assertThat(cluster.leader().isRunOf(leader)).as("every port refuses: no wait").isFalse();
    assertThat(cluster.lease().epoch()).isGreaterThan(epoch);
    leader.restart();
    cluster.awaitConverged();
    assertThat(cluster.askPresent(1, cluster.write(1)).expectOpen().version())
        .isGreaterThan(before);
  }

  @Test
  void aLeaderThatLosesPowerIsReplacedAfterItsLease() {
    Cluster cluster = Cluster.of(3).start();
    Member leader = cluster.leader();
    leader.isolate(Direction.BOTH).losePower();
    cluster.awaitOtherLeader(leader);
    leader.heal().restart();
    cluster.awaitConverged();
  }

  @Test
  void aPlannedStopHandsOver() {
    Cluster cluster = Cluster.of(3).start();
    Member leader = cluster.leader();
    leader.stop();
    cluster.awaitOtherLeader(leader).awaitConverged();
  }

  @ParameterizedTest
  @ValueSource(strings = {"OUTGOING", "INCOMING", "BOTH"})
  void aLeaderThatReachesNobodyDoesNotLeadForEver(String direction) {
    Cluster cluster = Cluster.of(3).start();
    Member leader = cluster.leader();
    leader.isolate(Direction.valueOf(direction));
    cluster.awaitOtherLeader(leader);
    leader.heal();
    cluster.awaitConverged();
  }

  /** Rule P14: giving the Lease back does not help, so it happens less and less. */
  @ParameterizedTest
  @ValueSource(strings = {"paused", "cut off"})
  void aLeaderWithoutCompanyLeadsLongerEachTime(String other) {
    Cluster cluster = Cluster.of(2).start();
    Member alone = cluster.follower(1);
    Member trouble = other.equals("paused") ? alone.pause() : alone.isolate(Direction.BOTH);
    cluster.world().takeNotices();
    cluster.advance(cluster.timings().lonelyTime().multipliedBy(60));
    assertThat(cluster.world().takeNotices())
        .filteredOn(said -> said.notice() instanceof Effect.LeadershipWon)
        .as("thirty to sixty without the doubling")
        .hasSizeBetween(3, 10);
    cluster.await("a leader", () -> !cluster.leaders().isEmpty());
    cluster.askPresent(0, cluster.write(0)).expectOpen();
    trouble.heal().resume();
    cluster.awaitConverged();
  }

  @Test
  void aFollowerCutFromTheApiServerIsNoMatter() {
    Cluster cluster = Cluster.of(3).start();
    Member leader = cluster.leader();
    cluster.follower(1).cutFromApi();
    cluster.advance(cluster.timings().fenceTime().multipliedBy(2));
    assertThat(cluster.askPresent(0, cluster.write(0)).expectOpen().applied()).hasSize(3);
    assertThat(cluster.leader().isRunOf(leader)).isTrue();
  }

  @Test
  void aLeaderCutFromTheApiServerIsReplaced() {
    Cluster cluster = Cluster.of(3).start();
    Member leader = cluster.leader();
    leader.cutFromApi();
    cluster.awaitOtherLeader(leader);
    leader.reachApi();
    cluster.awaitConverged();
  }

  @Test
  void nobodyIsDeposedWhileTheApiServerIsAway() {
    Cluster cluster = Cluster.of(3).start();
    Member leader = cluster.leader();
    Epoch epoch = cluster.lease().epoch();
    cluster.apiAway().advance(cluster.timings().fenceTime().multipliedBy(6));
    assertThat(cluster.all()).allMatch(member -> member.process().takesRequests());
    cluster.apiBack().awaitConverged();
    assertThat(cluster.leader().isRunOf(leader)).isTrue();
    assertThat(cluster.lease().epoch()).isEqualTo(epoch);
    cluster.askPresent(0, cluster.write(0)).expectOpen();
  }

  @Test
  void everybodyServesLastKnownGoodAfterARestartWithoutApiServer() {
    Cluster cluster = Cluster.of(3).start();
    Version version = cluster.askPresent(0, cluster.write(0)).expectOpen().version();
    cluster.apiAway();
    cluster.all().forEach(Member::crash);
    cluster.all().forEach(Member::restart);
    cluster.advance(cluster.timings().drainTime().plusSeconds(1));
    assertThat(cluster.all()).allMatch(member -> member.process().takesRequests());
    assertThat(cluster.all()).allMatch(member -> member.served().equals(version));
    cluster.apiBack().awaitConverged();
  }

  /** Rule P48: nothing tells its event loops that it is fenced, so they must see it themselves. */
  @Test
  void aFollowerWhoseMachineStandsStillServesNothingOld() {
    Cluster cluster = Cluster.of(2).start();
    Member stalled = cluster.follower(1).stall();
    cluster.askPresent(0, cluster.write(0)).expectOpen();
    cluster.advance(cluster.timings().drainTime());
    stalled.resume();
    cluster.awaitConverged();
  }

  @Test
  void aPausedFollowerIsNamedThenFencedAndComesBack() {
    Cluster cluster = Cluster.of(3).start();
    Member paused = cluster.follower(1).pause();
    long written = cluster.write(0);
    Answer.Late late =
        cluster
            .leader()
            .ask(
                Cluster.about(0, Optional.of(written), Observation.State.PRESENT),
                cluster.timings().fenceTime().dividedBy(2))
            .expect(Answer.Late.class);
    assertThat(late.pending()).extracting(Answer.Pending::pod).containsExactly(paused.pod().id());
    Answer.Open open = cluster.askPresent(0, written).expectOpen();
    assertThat(open.excluded()).extracting(Answer.Excluded::pod).contains(paused.pod().id());
    assertThat(paused.pod().object().condition()).isEqualTo(Pod.Condition.NOT_IN_SYNC);
    paused.resume();
    cluster.awaitConverged();
  }

  @Test
  void aDeletedLeaseIsMadeAnewAndNoVersionIsReused() {
    Cluster cluster = Cluster.of(3).start();
    Version before = cluster.askPresent(0, cluster.write(0)).expectOpen().version();
    Epoch epoch = cluster.lease().epoch();
    cluster.deleteLease().advance(cluster.timings().leaseDuration().multipliedBy(3));
    cluster.awaitConverged();
    assertThat(cluster.lease().epoch()).isGreaterThan(epoch);
    assertThat(cluster.askPresent(1, cluster.write(1)).expectOpen().version())
        .isGreaterThan(before);
  }

  /** Rule P10: a lineage begins at the resourceVersion, so nobody may count on from beyond it. */
  @Test
  void aNumberRaisedByHandDoesNotOutliveTheLease() {
    Cluster cluster = Cluster.of(3).start();
    Version raised = new Version(cluster.version().value() + 1_000_000);
    Digest digest = cluster.lease().digest().orElseThrow();
    cluster.editLease(lease -> lease.withVersion(raised, digest));
    Version after = cluster.askPresent(0, cluster.write(0)).expectOpen().version();
    assertThat(after).isLessThan(raised);
    cluster.deleteLease().advance(cluster.timings().leaseDuration().multipliedBy(3));
    cluster.awaitConverged();
    assertThat(cluster.askPresent(1, cluster.write(1)).expectOpen().version())
        .isGreaterThan(after)
        .isLessThan(raised);
  }

  @Test
  void aLeaseTurnedBackByHandIsPutRight() {
    Cluster cluster = Cluster.of(3).start();
    Version first = cluster.version();
    Digest digest = cluster.lease().digest().orElseThrow();
    Version before = cluster.askPresent(0, cluster.write(0)).expectOpen().version();
    cluster.editLease(lease -> lease.withVersion(first, digest));
    cluster.advance(cluster.timings().leaseDuration().multipliedBy(3)).awaitConverged();
    assertThat(cluster.askPresent(1, cluster.write(1)).expectOpen().version())
        .isGreaterThan(before);
  }

  @Test
  void aReplacedPodJoinsBehindTheBarrier() {
    Cluster cluster = Cluster.of(3).start();
    cluster.askPresent(0, cluster.write(0)).expectOpen();
    cluster.follower(1).replace();
    cluster.advance(cluster.timings().drainTime()).awaitConverged();
    assertThat(cluster.askPresent(1, cluster.write(1)).expectOpen().applied()).hasSize(3);
  }

  @Test
  void aLostDiskIsFilledFromTheLeader() {
    Cluster cluster = Cluster.of(3).start();
    Version version = cluster.askPresent(0, cluster.write(0)).expectOpen().version();
    Member member = cluster.follower(2).crash().loseDisk().restart();
    cluster.awaitConverged();
    assertThat(member.served()).isEqualTo(version);
  }

  @Test
  void poisonNeverLeavesTheLeader() {
    Cluster cluster = Cluster.of(3).start();
    Version good = cluster.askPresent(0, cluster.write(0)).expectOpen().version();
    cluster.write(1, Mesh.Form.POISON);
    cluster.advance(cluster.timings().fenceTime().multipliedBy(3));
    assertThat(cluster.all()).allMatch(member -> member.served().equals(good));
    assertThat(cluster.all()).allMatch(member -> member.pod().object().isInSync());
    cluster.write(1);
    cluster.awaitConverged();
  }

  @Test
  void followersAskTheApiServerNothingInPeace() {
    Cluster cluster = Cluster.of(5).start();
    cluster.advance(Duration.ofSeconds(2));
    List<SimShell> followers =
        cluster.all().stream().map(Member::process).filter(p -> !p.isLeading()).toList();
    List<Long> before = followers.stream().map(SimShell::requests).toList();
    for (int i = 0; i < 10; i++) {
      cluster.askPresent(i % 3, cluster.write(i % 3)).expectOpen();
      cluster.advance(cluster.timings().leaseDuration());
    }
    assertThat(followers.stream().map(SimShell::requests).toList()).isEqualTo(before);
  }

  /** Rule P20: what does not lead to its digest is not served, and the whole is fetched. */
  @Test
  void aWrongDeltaIsNotApplied() {
    Cluster cluster = Cluster.of(2).start();
    cluster.world().network().spoilNextPush();
    assertThat(cluster.askPresent(0, cluster.write(0)).expectOpen().applied()).hasSize(2);
    cluster.awaitConverged();
  }

  /** Rules P20 and P21: it was asked for before what came over the next link. */
  @Test
  void aSnapshotThatComesLateOverwritesNothing() {
    Cluster cluster = Cluster.of(2).start();
    Duration silence = cluster.timings().linkSilence();
    Member follower = cluster.follower(1);
    cluster.world().network().delayFetches(silence.multipliedBy(6));
    cluster.world().network().spoilNextPush();
    cluster.write(0);
    cluster.advance(silence).write(1);
    follower.isolate(Direction.BOTH);
    cluster.advance(silence.multipliedBy(2));
    follower.heal();
    cluster.advance(silence.multipliedBy(8)).awaitConverged();
  }

  /** Rule P49: its leader counts the silence from what the earlier run sent, and the fence too. */
  @Test
  void aFollowerThatStartsAnewWhileItIsCutOffKeepsNoConnection() {
    for (long seed = 1; seed <= 20; seed++) {
      Cluster cluster = Cluster.of(2).seed(seed).start();
      Duration fenceTime = cluster.timings().fenceTime();
      Member follower = cluster.follower(1).isolate(Direction.BOTH);
      cluster.advance(fenceTime.multipliedBy(4).dividedBy(5));
      follower.crash().restart();
      cluster.write(0);
      cluster.advance(fenceTime.multipliedBy(3));
      follower.heal();
      cluster.advance(fenceTime).awaitConverged();
    }
  }

  /** Rule P26: what an earlier run has acked says nothing about this one. */
  @Test
  void aRestartedFollowerIsAskedAnew() {
    Cluster cluster = Cluster.of(2).start();
    cluster.askPresent(0, cluster.write(0)).expectOpen();
    Member follower = cluster.follower(1);
    follower.pod().setSlow(true);
    follower.crash().loseDisk().restart();
    for (int i = 0; i < 20; i++) {
      cluster.advance(Duration.ofMillis(50));
      cluster.leader().ask(new Question.AtCurrent(), Duration.ofMillis(5)).await();
    }
    follower.pod().setSlow(false);
    cluster.awaitConverged();
  }

  @Test
  void aPodWithoutOurGateMakesEveryBarrierUnknown() {
    Cluster cluster = Cluster.of(3).start();
    cluster.addPodWithoutGate("stranger");
    cluster.advance(Duration.ofSeconds(2));
    Answer.Undecidable answer =
        cluster.ask(new Question.AtCurrent()).expect(Answer.Undecidable.class);
    assertThat(answer.reason()).contains("stranger");
  }

  @Test
  void onlyALeaderAnswers() {
    Cluster cluster = Cluster.of(3).start();
    cluster
        .follower(1)
        .ask(new Question.AtCurrent(), Duration.ofSeconds(1))
        .expect(Answer.Undecidable.class);
  }
}
