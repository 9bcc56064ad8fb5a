package dev.lockstep.core;

import static dev.lockstep.core.ReplicaDriver.only;
import static dev.lockstep.core.ReplicaDriver.sent;
import static dev.lockstep.core.sample.Samples.address;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.lease;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.replica;
import static dev.lockstep.core.sample.Samples.snapshot;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A replica that follows: from the Lease to the link, and back to the Lease. */
final class FollowerTest {
  private static final Snapshot V7 = snapshot(7, "a");
  private static final Snapshot V8 = snapshot(8, "b");

  /** Rule P49: no heartbeat was answered before the link was lost. */
  private static final Effect RETIRE = new Effect.RetireConnections(Duration.ofMillis(8_970));

  private static final LinkId LINK = new LinkId(1);
  private static final Lease LEASE = lease(20, 2, 5).withVersion(V7.version(), V7.digest());

  private final ReplicaDriver driver = new ReplicaDriver();

  private List<Effect> hear(Message message) {
    return driver.step(new Event.Received(LINK, message));
  }

  private static Message welcome(long epoch, Snapshot current) {
    return new Message.Welcome(
        epoch(epoch), "router1", current.version(), current.digest(), List.of());
  }

  private static Message push(long epoch, Snapshot base, Snapshot target) {
    return new Message.Push(new Epoch(epoch), base.deltaTo(target));
  }

  /** Starts with V7, and is welcomed by leader 2 in epoch 5, which serves V7. */
  private List<Effect> follow() {
    driver.stepAt(0, new Event.Started(Optional.of(V7)));
    driver.step(new Event.Installed(V7.version()));
    driver.step(new Event.LeaseRead(LEASE));
    driver.step(new Event.LeaderConnected(LINK));
    return hear(welcome(5, V7));
  }

  @Test
  void leaseLeadsToTheLeaderAndTheWelcomeToAnAckAndACheck() {
    assertThat(follow())
        .containsExactly(
            new Effect.Announce(
                new Effect.Following(Optional.of(replica(2)), epoch(5), "welcomed")),
            new Effect.Send(LINK, new Message.Ack(epoch(5), V7.version(), V7.digest())),
            new Effect.Send(LINK, new Message.Heartbeat(epoch(5), 1, 0, V7.version(), V7.digest())),
            new Effect.ReadLease(),
            new Effect.Admit(Effect.Admission.ACCEPT));
    assertThat(driver.replica.view().role()).isEqualTo(ReplicaView.Role.FOLLOWER);
    assertThat(driver.replica.view().leader())
        .contains(new ReplicaView.LeaderView(replica(2), address(2)));
  }

  /** Rule P25. */
  @Test
  void leaseThatStillNamesTheLeaderIsSaidToBeChecked() {
    follow();
    assertThat(driver.step(new Event.LeaseRead(LEASE)))
        .containsExactly(new Effect.Send(LINK, new Message.Checked(epoch(5))));
  }

  /** Rule P25: it was counted by somebody who leads no longer. */
  @Test
  void leaseThatNamesAnotherLeadershipMeansJoiningAgain() {
    follow();
    assertThat(driver.step(new Event.LeaseRead(lease(21, 3, 6))))
        .contains(
            new Effect.Disconnect(LINK, "the Lease names another leadership"),
            new Effect.Connect(new LinkId(2), address(3)));
  }

  /**
   * Rule P25: a read that was begun before the apply proves nothing, and one that failed neither.
   */
  @Test
  void checkIsRepeatedUntilARead() {
    follow();
    assertThat(driver.step(new Event.LeaseReadFailed("time-out"))).isEmpty();
    assertThat(driver.passTo(driver.now + 300)).contains(new Effect.ReadLease());
    assertThat(sent(1, driver.step(new Event.LeaseRead(LEASE))))
        .containsExactly(new Message.Checked(epoch(5)));
  }

  /** Rules P20 and P22: durable and served first, and then the ack. */
  @Test
  void pushIsInstalledAndOnlyThenAcked() {
    follow();
    assertThat(hear(push(5, V7, V8)))
        .containsExactly(new Effect.Install(V8, Optional.of(V7.version())));
    assertThat(driver.step(new Event.Installed(V8.version())))
        .containsExactly(
            new Effect.Announce(new Effect.Served(V8.version(), V8.digest())),
            new Effect.Send(LINK, new Message.Ack(epoch(5), V8.version(), V8.digest())));
  }

  /** Rule P22. */
  @Test
  void refusedPushIsAnsweredAndTheOldVersionServesOn() {
    follow();
    hear(push(5, V7, V8));
    List<ConfigProblem> problems = List.of(new ConfigProblem("tls/a", "no key"));
    assertThat(driver.step(new Event.InstallFailed(V8.version(), problems)))
        .containsExactly(
            new Effect.Send(LINK, new Message.Nack(epoch(5), V8.version(), problems)),
            new Effect.Announce(new Effect.Refused(V8.version(), problems)));
    assertThat(driver.replica.view().served()).isEqualTo(V7.version());
  }

  /** Rule P19: a deposed leader still speaks. */
  @Test
  void lowerEpochIsRefusedAndTheLeaseIsReadAgain() {
    follow();
    driver.step(new Event.LeaseRead(LEASE));
    assertThat(hear(push(4, V7, V8)))
        .containsExactly(
            new Effect.Disconnect(LINK, "epoch 4 is over"), new Effect.ReadLease(), RETIRE);
    assertThat(driver.replica.view().served()).isEqualTo(V7.version());
    assertThat(hear(push(5, V7, V8))).as("the link is no more").isEmpty();
  }

  /** Rule P19: the same holds for a welcome, whoever said it. */
  @Test
  void welcomeOfALowerEpochIsNoWelcome() {
    driver.stepAt(0, new Event.Started(Optional.of(V7)));
    driver.step(new Event.Installed(V7.version()));
    driver.step(new Event.LeaseRead(LEASE));
    driver.step(new Event.LeaderConnected(LINK));
    hear(welcome(4, V7));
    assertThat(driver.replica.view().role()).isEqualTo(ReplicaView.Role.CANDIDATE);
    assertThat(driver.replica.view().readiness()).isEqualTo(ReplicaView.Readiness.SYNCING);
  }

  /** Rule P10: versions that were only heard of are floors as well. */
  @Test
  void whatWasHeardOfIsSaidInTheNextHello() {
    follow();
    Message reply =
        new Message.HeartbeatReply(
            epoch(5),
            1,
            version(40),
            V8.digest(),
            Message.Standing.IN_SYNC,
            Message.ApiAccess.CONFIRMED,
            22,
            List.of());
    hear(reply);
    driver.step(new Event.LinkLost(LINK, "cut"));
    driver.passTo(driver.now + 300);
    driver.step(new Event.LeaderConnected(new LinkId(2)));
    Message.Hello hello = (Message.Hello) sent(2, driver.all).getFirst();
    assertThat(hello.versionSeen()).isEqualTo(version(40));
    assertThat(hello.applied()).isEqualTo(V7.version());
    assertThat(hello.epochSeen()).isEqualTo(epoch(5));
  }

  @Test
  void lostLinkReadsTheLeaseAndAsksWhetherTheLeaderLives() {
    follow();
    driver.step(new Event.LeaseRead(LEASE));
    assertThat(driver.step(new Event.LinkLost(LINK, "reset")))
        .containsExactly(
            new Effect.Announce(new Effect.Following(Optional.empty(), epoch(5), "reset")),
            new Effect.Probe(replica(2), address(2)),
            new Effect.ReadLease(),
            RETIRE);
    assertThat(driver.passTo(driver.now + 300))
        .as("not in a tight loop")
        .contains(new Effect.Connect(new LinkId(2), address(2)));
  }

  /** Rule P9: every port of the holder refuses, so nobody waits for its Lease to expire. */
  @Test
  void refusedPortsOfTheHolderLeadToATakeOver() {
    follow();
    driver.step(new Event.LeaseRead(LEASE));
    long lost = driver.now;
    driver.step(new Event.LinkLost(LINK, "reset"));
    driver.step(new Event.LeaseRead(LEASE));
    driver.step(new Event.Probed(replica(2), Event.Evidence.GONE));
    driver.step(new Event.LinkLost(new LinkId(2), "refused"));
    driver.step(new Event.LeaseRead(LEASE));
    driver.confirmWrite();
    assertThat(driver.replica.view().role()).isEqualTo(ReplicaView.Role.LEADER);
    assertThat(driver.now - lost).isLessThan(1_500);
  }

  /** Rule P12: no campaign under a leader that can write, one under a leader that cannot. */
  @Test
  void followerLooksAtTheLeaseOnlyWhenItsLeaderIsSuspended() {
    follow();
    driver.step(new Event.LeaseRead(LEASE));
    assertThat(hear(reply(1, Message.ApiAccess.CONFIRMED))).isEmpty();
    driver.passTo(driver.now + 1_500);
    assertThat(only(Effect.ReadLease.class, driver.all)).hasSize(2);
    assertThat(hear(reply(2, Message.ApiAccess.SUSPENDED))).contains(new Effect.ReadLease());
  }

  private static Message reply(long sequence, Message.ApiAccess api) {
    return new Message.HeartbeatReply(
        epoch(5),
        sequence,
        V7.version(),
        V7.digest(),
        Message.Standing.IN_SYNC,
        api,
        20,
        List.of(replica(1)));
  }

  /** Rule P46: it goes where the Lease points. */
  @Test
  void movedLeaderIsLeftAtOnce() {
    follow();
    driver.step(new Event.LeaseRead(LEASE));
    assertThat(hear(new Message.Moved(epoch(5), Optional.of(replica(3)))))
        .contains(
            new Effect.Disconnect(LINK, "the leader has handed over"), new Effect.ReadLease());
    assertThat(driver.step(new Event.LeaseRead(lease(21, 3, 6))))
        .contains(new Effect.Connect(new LinkId(2), address(3)));
  }

  @Test
  void followerThatLeavesSaysByeAndExits() {
    follow();
    assertThat(driver.step(new Event.Draining()))
        .containsExactly(new Effect.Send(LINK, new Message.Bye(epoch(5))), new Effect.Exit());
  }

  @Test
  void whoDoesNotLeadTakesNoFollowers() {
    follow();
    assertThat(driver.step(new Event.FollowerConnected(new LinkId(77), podId(3))))
        .containsExactly(new Effect.Disconnect(new LinkId(77), "this replica does not lead"));
  }
}
