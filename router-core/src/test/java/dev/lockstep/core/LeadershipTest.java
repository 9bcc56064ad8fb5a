package dev.lockstep.core;

import static dev.lockstep.core.ReplicaDriver.only;
import static dev.lockstep.core.ReplicaDriver.sent;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.blankLease;
import static dev.lockstep.core.sample.Samples.config;
import static dev.lockstep.core.sample.Samples.digest;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.hello;
import static dev.lockstep.core.sample.Samples.identity;
import static dev.lockstep.core.sample.Samples.lease;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.replica;
import static dev.lockstep.core.sample.Samples.snapshot;
import static dev.lockstep.core.sample.Samples.version;
import static dev.lockstep.core.sample.Samples.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.core.protocol.ReplicaId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a leader does, from its first confirmed write to its last word. */
final class LeadershipTest {
  private static final Pod.Condition IN = Pod.Condition.IN_SYNC;
  private static final Pod.Condition OUT = Pod.Condition.NOT_IN_SYNC;

  private final ReplicaDriver driver = new ReplicaDriver();

  /** Rule P30: the list is asked for after the CAS, in its epoch. */
  @Test
  void confirmedWriteStartsWhatALeaderNeeds() {
    driver.step(new Event.Started(Optional.empty()));
    driver.step(new Event.LeaseRead(blankLease(100)));
    List<Effect> take = driver.passTo(400);
    assertThat(only(Effect.FollowPods.class, take)).isEmpty();
    Lease sent = only(Effect.WriteLease.class, take).getFirst().lease();
    Lease confirmed = written(sent, 101);
    assertThat(driver.step(new Event.LeaseWritten(confirmed)))
        .containsExactly(
            new Effect.Announce(new Effect.LeadershipWon(epoch(101), "the Lease is ours")),
            new Effect.FollowPods(epoch(101)),
            new Effect.StartSources(epoch(101), RouterConfig.EMPTY));
  }

  /** Rule P16: neither before the sources nor before the pods. */
  @Test
  void nothingIsProposedBeforeSourcesAndPodsAreKnown() {
    Lease lease = driver.lead(blankLease(100));
    Event observed = new Event.SourcesObserved(lease.epoch(), config("a"), List.of());
    assertThat(driver.step(observed)).isEmpty();
    Event listed = new Event.PodsListed(lease.epoch(), List.of(pod(1, 1, OUT, 0)));
    List<Effect> effects = driver.step(listed);
    assertThat(only(Effect.WriteLease.class, effects)).hasSize(1);
    Lease sent = only(Effect.WriteLease.class, effects).getFirst().lease();
    assertThat(sent.version()).isEqualTo(version(101));
    assertThat(sent.digest()).contains(digest("a"));
  }

  /** Rule P16: what an earlier epoch asked for says nothing about this one. */
  @Test
  void observationsAndListsOfAnotherEpochAreIgnored() {
    driver.lead(blankLease(100));
    driver.step(new Event.SourcesObserved(epoch(5), config("a"), List.of()));
    driver.step(new Event.PodsListed(epoch(5), List.of(pod(1, 1, OUT, 0))));
    ReplicaView.Leadership view = driver.replica.view().leadership().orElseThrow();
    assertThat(view.sources()).isEqualTo(ReplicaView.Sources.READING);
    assertThat(view.undecidable()).isNotEmpty();
  }

  /** Rule P16. */
  @Test
  void changesDuringACommitRideInTheNextAndTheSameConfigMakesNone() {
    driver.leadWith();
    driver.serve("a");
    List<Effect> first = driver.step(observed("b"));
    assertThat(only(Effect.WriteLease.class, first)).hasSize(1);
    assertThat(driver.step(observed("c"))).isEmpty();
    assertThat(driver.step(observed("d"))).isEmpty();
    Lease lease = only(Effect.WriteLease.class, first).getFirst().lease();
    driver.step(new Event.LeaseWritten(written(lease, 500)));
    Lease next = only(Effect.WriteLease.class, driver.all).getLast().lease();
    assertThat(next.digest()).contains(digest("d"));
    driver.confirm(next);
    assertThat(only(Effect.WriteLease.class, driver.step(observed("d")))).isEmpty();
  }

  /** Rules P15 and P17: confirmed, then served here, then pushed. */
  @Test
  void versionIsPushedOnlyWhenTheLeaderServesIt() {
    driver.leadWith(pod(2, 2, OUT, 0));
    driver.join(2, Snapshot.NONE);
    Lease bound = driver.commit(config("a"));
    assertThat(sent(2, driver.all)).noneMatch(Message.Push.class::isInstance);
    Snapshot first = new Snapshot(bound.version(), digest("a"), config("a"));
    assertThat(driver.all).contains(new Effect.Install(first, Optional.empty()));
    List<Effect> effects = driver.step(new Event.Installed(bound.version()));
    assertThat(sent(2, effects))
        .containsExactly(new Message.Push(epoch(101), Snapshot.NONE.deltaTo(first)));
  }

  /** Rule P17. */
  @Test
  void poisonNeverLeavesTheLeader() {
    driver.leadWith(pod(2, 2, OUT, 0));
    driver.join(2, Snapshot.NONE);
    Lease bound = driver.commit(config("a"));
    List<ConfigProblem> problems = List.of(new ConfigProblem("tls/a", "no key"));
    driver.step(new Event.InstallFailed(bound.version(), problems));
    driver.passTo(driver.now + 4_000);
    assertThat(sent(2, driver.all)).noneMatch(Message.Push.class::isInstance);
    Lease better = driver.commit(config("b"));
    List<Effect> effects = driver.step(new Event.Installed(better.version()));
    assertThat(only(Effect.Send.class, effects)).hasSize(1);
  }

  /** Rule P26: counted first, and only then told so. */
  @Test
  void helloIsCountedBeforeTheWelcomeLeaves() {
    driver.leadWith();
    Lease bound = driver.serve("a");
    List<Effect> effects = driver.join(2, Snapshot.NONE);
    assertThat(sent(2, effects).getFirst())
        .isEqualTo(
            new Message.Welcome(
                epoch(101),
                "router2",
                bound.version(),
                digest("a"),
                List.of(),
                Optional.of(identity(1))));
    ReplicaView.Leadership view = driver.replica.view().leadership().orElseThrow();
    assertThat(view.members()).hasSize(2);
    assertThat(view.open()).as("opened before it came").isEqualTo(bound.version());
    Lease next = driver.serve("b");
    assertThat(open()).as("waits for it").isEqualTo(bound.version());
    driver.say(2, new Message.Ack(epoch(101), next.version(), digest("b")));
    assertThat(open()).isEqualTo(next.version());
  }

  @Test
  void helloOfAnotherPodEndsTheLink() {
    driver.leadWith();
    driver.step(new Event.FollowerConnected(new LinkId(2), podId(3)));
    assertThat(driver.say(2, hello(2, Snapshot.NONE)))
        .containsExactly(new Effect.Disconnect(new LinkId(2), "hello of another pod: router-2"));
    assertThat(driver.say(2, new Message.Bye(epoch(101)))).isEmpty();
  }

  @Test
  void secondLinkOfAReplicaReplacesTheFirst() {
    driver.leadWith(pod(2, 2, OUT, 0));
    driver.join(2, Snapshot.NONE);
    driver.step(new Event.FollowerConnected(new LinkId(9), podId(2)));
    assertThat(driver.say(9, hello(2, Snapshot.NONE)))
        .contains(new Effect.Disconnect(new LinkId(2), "the replica has connected again"));
    assertThat(driver.step(new Event.LinkLost(new LinkId(2), "late"))).isEmpty();
  }

  /** Rule P18: the Lease was put back, and a replica comes with what was counted beyond. */
  @Test
  void versionBeyondOursIsOutnumberedAndItsAckCountsForNothing() {
    driver.leadWith(pod(2, 2, IN, 4));
    Lease bound = driver.serve("a");
    Snapshot beyond = snapshot(500, "x");
    List<Effect> effects = driver.join(2, beyond);
    Lease above = only(Effect.WriteLease.class, effects).getFirst().lease();
    assertThat(above.version()).isEqualTo(version(501));
    assertThat(above.digest()).contains(digest("a"));
    driver.ack(2, beyond);
    assertThat(open()).isLessThan(bound.version());
  }

  /** Rule P18: the same number with other content. */
  @Test
  void otherContentUnderOurNumberIsOutnumbered() {
    driver.leadWith(pod(2, 2, IN, 4));
    Lease bound = driver.serve("a");
    Snapshot other = snapshot(bound.version().value(), "x");
    List<Effect> effects = driver.join(2, other);
    Lease above = only(Effect.WriteLease.class, effects).getFirst().lease();
    assertThat(above.version()).isEqualTo(bound.version().next());
    driver.ack(2, other);
    assertThat(open()).isLessThan(bound.version());
  }

  /** Rule P34: below the newest commit nobody joins, though the barrier waits for it. */
  @Test
  void joinerBelowTheNewestCommitIsNotAdmitted() {
    driver.leadWith(pod(2, 2, OUT, 101));
    driver.serve("a");
    Snapshot old = driver.served();
    driver.join(2, Snapshot.NONE);
    driver.commit(config("b"));
    assertThat(admissions(driver.ack(2, old), 2)).isZero();
    driver.step(new Event.Installed(driver.replica.view().leadership().orElseThrow().committed()));
    driver.ack(2, driver.served());
    assertThat(admissions(driver.all, 2)).isEqualTo(1);
  }

  private static long admissions(List<Effect> effects, int replica) {
    return only(Effect.WritePod.class, effects).stream()
        .filter(write -> write.condition() == IN && write.base().id().equals(podId(replica)))
        .count();
  }

  /** Rules P31, P32 and P46: it learns of its successor, lets go, and touches nothing any more. */
  @Test
  void higherStampDeposesAndNothingIsWrittenAfterIt() {
    driver.leadWith(pod(2, 2, OUT, 101));
    driver.serve("a");
    driver.join(3, Snapshot.NONE);
    driver.step(
        new Event.Asked(new Question(7, new Question.AtVersion(version(900)), at(90_000), 0)));
    List<Effect> effects = driver.step(new Event.PodSeen(pod(2, 3, OUT, 777)));
    assertThat(only(Effect.WritePod.class, effects)).isEmpty();
    assertThat(effects)
        .containsExactly(
            new Effect.UnfollowPods(),
            new Effect.StopSources(),
            new Effect.Send(new LinkId(3), new Message.Moved(epoch(101), Optional.of(holder()))),
            new Effect.Disconnect(new LinkId(3), "another replica leads"),
            new Effect.Reply(7, new Answer.Undecidable("the leader has changed")),
            new Effect.Announce(
                new Effect.LeadershipLost(epoch(101), "the Lease is not ours any more")),
            new Effect.ReadLease());
  }

  private static ReplicaId holder() {
    return replica(1);
  }

  /** Rule P32. */
  @Test
  void higherEpochInAHelloDeposes() {
    driver.leadWith();
    driver.step(new Event.FollowerConnected(new LinkId(2), podId(2)));
    Message.Hello said = hello(2, Snapshot.NONE);
    driver.say(
        2,
        new Message.Hello(
            said.replica(),
            said.pod(),
            epoch(900),
            version(0),
            said.applied(),
            said.digest(),
            said.address(),
            said.build()));
    assertThat(driver.replica.view().role()).isEqualTo(ReplicaView.Role.CANDIDATE);
  }

  /** Rule P12. */
  @Test
  void suspendedLeaderSaysSoAndProposesNothing() {
    driver.leadWith(pod(2, 2, OUT, 0));
    driver.serve("a");
    driver.join(2, Snapshot.NONE);
    driver.passTo(driver.now + 1_600);
    driver.step(new Event.LeaseWriteUnresolved("time-out"));
    for (int i = 0; i < 6; i++) {
      driver.passTo(driver.now + 600);
      driver.step(new Event.LeaseReadFailed("time-out"));
    }
    assertThat(driver.all).contains(new Effect.Announce(new Effect.Suspended(epoch(101))));
    Message beat = new Message.Heartbeat(epoch(101), 1, 0, Version.NONE, Snapshot.NONE.digest());
    Message.HeartbeatReply reply = (Message.HeartbeatReply) sent(2, driver.say(2, beat)).getFirst();
    assertThat(reply.api()).isEqualTo(Message.ApiAccess.SUSPENDED);
    assertThat(driver.step(observed("b"))).noneMatch(Effect.WriteLease.class::isInstance);
    assertThat(driver.replica.view().role()).isEqualTo(ReplicaView.Role.LEADER);
  }

  /** Rule P13: who has nothing but the Lease to go by finds the order of the candidates on it. */
  @Test
  void theLeaseNamesTheMostSuitableSuccessors() {
    driver.leadWith(pod(2, 2, OUT, 101));
    driver.serve("a");
    driver.join(2, Snapshot.NONE);
    driver.ack(2, driver.served());
    Message beat = new Message.Heartbeat(epoch(101), 1, 0, Version.NONE, Snapshot.NONE.digest());
    driver.say(2, beat);
    assertThat(driver.confirmWrite().successors()).containsExactly(replica(2));
  }

  /** Rule P14: everybody else runs, and nobody comes. */
  @Test
  void leaderWithoutCompanyGivesTheLeaseBack() {
    driver.leadWith(pod(2, 2, IN, 4), pod(3, 3, IN, 4));
    driver.serve("a");
    long since = driver.now;
    while (driver.replica.view().role() == ReplicaView.Role.LEADER) {
      driver.confirmWrite();
      assertThat(driver.now).isLessThan(since + 33_000);
    }
    assertThat(driver.now).isGreaterThan(since + 29_000);
    assertThat(only(Effect.WriteLease.class, driver.all).getLast().lease().holder()).isEmpty();
    assertThat(only(Effect.WritePod.class, driver.all))
        .as("fenced within the rails")
        .filteredOn(write -> write.reason().equals("it is silent"))
        .hasSize(1);
  }

  /** Rule P14: its links stand, and nobody says a word. */
  @Test
  void leaderThatHearsNobodyGivesTheLeaseBackThoughLinksStand() {
    driver.leadWith(pod(2, 2, OUT, 101), pod(3, 3, OUT, 101));
    driver.serve("a");
    driver.join(2, Snapshot.NONE);
    driver.join(3, Snapshot.NONE);
    long since = driver.now;
    while (driver.replica.view().role() == ReplicaView.Role.LEADER) {
      driver.confirmWrite();
      assertThat(driver.now).isLessThan(since + 35_000);
    }
    assertThat(driver.now).isGreaterThan(since + 29_000);
  }

  /** Rule P13: told last, exits last. */
  @Test
  void drainingLeaderHandsOverAndThenExits() {
    driver.leadWith(pod(2, 2, OUT, 101));
    driver.serve("a");
    driver.join(2, Snapshot.NONE);
    driver.ack(2, driver.served());
    List<Effect> effects = driver.step(new Event.Draining());
    Lease sent = only(Effect.WriteLease.class, effects).getFirst().lease();
    assertThat(sent.holder()).contains(replica(2));
    assertThat(effects).doesNotContain(new Effect.Exit());
    effects = driver.step(new Event.LeaseWritten(written(sent, 900)));
    assertThat(sent(2, effects)).containsExactly(new Message.Moved(epoch(101), sent.holder()));
    assertThat(effects.getLast()).isEqualTo(new Effect.Exit());
  }

  /** Rule P13: a take-over may still land. */
  @Test
  void drainingCandidateWaitsForItsOwnTakeOver() {
    driver.step(new Event.Started(Optional.empty()));
    driver.step(new Event.LeaseRead(blankLease(100)));
    driver.passTo(400);
    assertThat(driver.step(new Event.Draining())).doesNotContain(new Effect.Exit());
    Lease sent = only(Effect.WriteLease.class, driver.all).getFirst().lease();
    driver.step(new Event.LeaseWritten(written(sent, 101)));
    Lease back = only(Effect.WriteLease.class, driver.all).getLast().lease();
    assertThat(back.holder()).isEmpty();
    assertThat(driver.step(new Event.LeaseWritten(written(back, 102)))).endsWith(new Effect.Exit());
  }

  /** Rule P11: what it serves serves on, and the next version lies above. */
  @Test
  void deletedLeaseIsMadeAnewAndNumbersGoOn() {
    driver.leadWith();
    Lease bound = driver.serve("a");
    driver.passTo(driver.now + 1_600);
    driver.step(new Event.LeaseWriteUnresolved("conflict"));
    driver.passTo(driver.now + 300);
    assertThat(driver.step(new Event.LeaseMissing())).contains(new Effect.CreateLease());
    driver.step(new Event.LeaseRead(blankLease(3)));
    Lease again = driver.confirmWrite();
    assertThat(again.epoch()).isGreaterThan(bound.epoch());
    driver.step(new Event.PodsListed(again.epoch(), List.of(pod(1, 9, IN, 101))));
    Lease next = driver.commit(config("a"));
    assertThat(next.version()).isGreaterThan(bound.version());
    assertThat(Duration.ofMillis(driver.now)).isLessThan(Duration.ofSeconds(10));
  }

  /** Rule P49: a leader is in touch as long as its writes are confirmed. */
  @Test
  void leaderThatCannotWriteIsIsolated() {
    driver.leadWith();
    driver.serve("a");
    driver.passTo(driver.now + 1_600);
    List<Effect> effects = driver.passTo(driver.now + 11_000);
    assertThat(only(Effect.RetireConnections.class, effects)).hasSize(1);
    assertThat(driver.replica.view().readiness()).isEqualTo(ReplicaView.Readiness.READY);
  }

  private Event observed(String name) {
    return new Event.SourcesObserved(driver.epochNow(), config(name), List.of());
  }

  private Version open() {
    return driver.replica.view().leadership().orElseThrow().open();
  }
}
