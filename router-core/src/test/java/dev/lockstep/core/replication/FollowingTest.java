package dev.lockstep.core.replication;

import static dev.lockstep.core.sample.Samples.address;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.identity;
import static dev.lockstep.core.sample.Samples.lease;
import static dev.lockstep.core.sample.Samples.replica;
import static dev.lockstep.core.sample.Samples.snapshot;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Delta;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Timings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The table of {@link Following}, row by row. */
final class FollowingTest {
  private static final Snapshot V1 = snapshot(1, "a");
  private static final Snapshot V2 = snapshot(2, "b");
  private static final Snapshot V3 = snapshot(3, "c");
  private static final Snapshot V4 = snapshot(4, "d");
  private static final LinkId LINK = new LinkId(1);

  private final Following following = new Following(identity(2), Timings.STANDARD);
  private final List<Effect> out = new ArrayList<>();

  // The link.

  @Test
  void leaderOnTheLeaseIsConnectedToOnce() {
    following.follow(lease(7, 1, 5), at(0), out);
    following.follow(lease(7, 1, 5), at(1), out);
    assertThat(out).containsExactly(new Effect.Connect(LINK, address(1)));
    assertThat(following.isLinked()).isTrue();
    assertThat(following.isWelcomed()).isFalse();
  }

  @Test
  void anotherLeaderReplacesTheLinkAtOnceAndTheSameOneAfterAPause() {
    following.follow(lease(7, 1, 5), at(0), out);
    out.clear();
    following.follow(lease(8, 3, 6), at(1), out);
    assertThat(out)
        .containsExactly(
            new Effect.Disconnect(LINK, "another replica leads"),
            new Effect.Connect(new LinkId(2), address(3)));
    following.onLinkLost();
    out.clear();
    following.follow(lease(8, 3, 6), at(2), out);
    assertThat(out).isEmpty();
    assertThat(following.connectNotBefore()).isEqualTo(at(251));
    following.follow(lease(8, 3, 6), at(251), out);
    assertThat(out).containsExactly(new Effect.Connect(new LinkId(3), address(3)));
  }

  @Test
  void helloGoesOutWhenTheLinkStands() {
    following.follow(lease(7, 1, 5), at(0), out);
    out.clear();
    Message.Hello hello = following.hello(epoch(4), version(9), V1);
    following.onConnected(hello, at(5), out);
    assertThat(out).containsExactly(new Effect.Send(LINK, hello));
    assertThat(hello.applied()).isEqualTo(V1.version());
    assertThat(hello.digest()).isEqualTo(V1.digest());
    assertThat(hello.versionSeen()).isEqualTo(version(9));
  }

  /** Rule P24: a connection that never comes to stand is silent, too. */
  @Test
  void silentLeaderIsGivenUp() {
    following.follow(lease(7, 1, 5), at(0), out);
    out.clear();
    assertThat(following.nextDeadline()).isEqualTo(at(4_000));
    assertThat(advance(V1, 3_999)).isFalse();
    assertThat(advance(V1, 4_000)).isTrue();
    assertThat(out).containsExactly(new Effect.Disconnect(LINK, "the leader is silent"));
    assertThat(following.nextDeadline()).isEqualTo(NanoTime.NEVER);
  }

  /** Rule P24. */
  @Test
  void eachWordOfTheLeaderEndsItsSilence() {
    welcomed(V1, V1);
    following.onReply(reply(1, V1), V1, at(1_900));
    assertThat(advance(V1, 3_899)).isFalse();
    assertThat(advance(V1, 3_900)).isTrue();
  }

  // Catching up.

  @Test
  void welcomeWithSourcesMeansFetch() {
    greet();
    following.onWelcome(welcome(V3, List.of(address(1))), V1, at(10), out);
    assertThat(out)
        .containsExactly(new Effect.FetchSnapshot(V3.version(), V3.digest(), List.of(address(1))));
    assertThat(following.isInStep(V1.version())).isFalse();
    assertThat(following.isInStep(V3.version())).isTrue();
  }

  @Test
  void welcomeWithWhatIsHeldNeedsNothing() {
    welcomed(V3, V3);
    assertThat(out).isEmpty();
    assertThat(following.isInStep(V3.version())).isTrue();
    assertThat(following.alias()).isEqualTo("router2");
  }

  @Test
  void leaderWithoutAVersionIsCaughtUpWithAtItsFirst() {
    welcomed(Snapshot.NONE, Snapshot.NONE);
    assertThat(following.isInStep(version(0))).isFalse();
    assertThat(push(Snapshot.NONE, V1, Snapshot.NONE)).contains(V1);
    assertThat(following.isInStep(V1.version())).isTrue();
  }

  /** Rule P25: nothing is pushed to who holds it already, but the heartbeats tell. */
  @Test
  void versionThatIsHeldAlreadyIsCaughtUpWithByHeartbeat() {
    welcomed(Snapshot.NONE, V1);
    assertThat(following.wantsCheck(V1.version())).isFalse();
    following.onReply(reply(1, V1), V1, at(600));
    assertThat(following.wantsCheck(V1.version())).isTrue();
  }

  /** Rule P20. */
  @Test
  void pushOnItsBaseIsApplied() {
    welcomed(V1, V1);
    assertThat(push(V1, V2, V1)).contains(V2);
    assertThat(out).isEmpty();
  }

  /** Rule P20. */
  @Test
  void pushThatDoesNotGoForwardIsIgnored() {
    welcomed(V1, V1);
    assertThat(push(V1, V2, V3)).isEmpty();
    assertThat(push(V1, V2, V2)).isEmpty();
    assertThat(out).isEmpty();
  }

  /** Rule P20: asked once until it is answered. */
  @Test
  void unknownBaseAsksForTheWholeOnce() {
    welcomed(V1, V1);
    assertThat(push(V2, V3, V1)).isEmpty();
    assertThat(push(V3, V4, V1)).isEmpty();
    assertThat(out).containsExactly(resync());
  }

  /** Rule P20. */
  @Test
  void wrongDigestAsksForTheWhole() {
    welcomed(V1, V1);
    Delta right = V1.deltaTo(V2);
    Digest wrong = V3.digest();
    Delta delta = new Delta(right.base(), right.target(), wrong, right.changes());
    assertThat(following.onPush(new Message.Push(epoch(5), delta), V1, at(20), out)).isEmpty();
    assertThat(out).containsExactly(resync());
  }

  /** Rule P21: the newest wins. */
  @Test
  void pushesDuringAFetchAreAppliedAfterIt() {
    greet();
    following.onWelcome(welcome(V2, List.of(address(1))), V1, at(10), out);
    out.clear();
    assertThat(push(V2, V3, V1)).isEmpty();
    assertThat(push(V3, V4, V1)).isEmpty();
    assertThat(out).isEmpty();
    assertThat(following.onFetched(V2, at(30))).isEqualTo(V4);
    advance(V4, 30);
    assertThat(out).doesNotContain(resync());
  }

  /** Rule P21: what does not lead to the newest is asked for. */
  @Test
  void gapAfterAFetchIsAskedFor() {
    greet();
    following.onWelcome(welcome(V2, List.of(address(1))), V1, at(10), out);
    push(V3, V4, V1);
    assertThat(following.onFetched(V2, at(30))).isEqualTo(V2);
    out.clear();
    advance(V2, 30);
    assertThat(out).contains(resync());
  }

  /** Rule P21: where else to look is asked after a pause. */
  @Test
  void failedFetchIsAskedAboutAfterAPause() {
    greet();
    following.onWelcome(welcome(V2, List.of(address(1))), V1, at(10), out);
    following.onFetchFailed(at(40));
    out.clear();
    advance(V1, 289);
    assertThat(out).doesNotContain(resync());
    advance(V1, 290);
    assertThat(out).contains(resync());
  }

  /** Rule P21: a push that never came shows in the heartbeats. */
  @Test
  void lostPushIsAskedForAfterTheLateTime() {
    welcomed(V1, V1);
    for (long millis = 410; millis < 5_410; millis += 500) {
      following.onReply(reply(1, V2), V1, at(millis));
      advance(V1, millis);
    }
    advance(V1, 5_409);
    assertThat(out).doesNotContain(resync());
    advance(V1, 5_410);
    assertThat(out).containsOnlyOnce(resync());
  }

  /** Rule P21: an answer that is not newer ends the asking. */
  @Test
  void resyncAnsweredWithNothingNewerLeavesNothingOpen() {
    welcomed(V1, V1);
    push(V2, V3, V1);
    following.onWelcome(welcome(V1, List.of(address(1))), V1, at(20), out);
    out.clear();
    push(V3, V4, V1);
    assertThat(out).as("asked anew").containsExactly(resync());
  }

  // Acks, heartbeats and the check.

  @Test
  void whatIsServedIsAckedOncePerLink() {
    welcomed(V1, V1);
    advance(V1, 11);
    advance(V1, 12);
    Effect ack = new Effect.Send(LINK, new Message.Ack(epoch(5), V1.version(), V1.digest()));
    assertThat(out)
        .containsExactly(
            ack,
            new Effect.Send(
                LINK, new Message.Heartbeat(epoch(5), 1, 0, V1.version(), V1.digest())));
  }

  /** Rule P49: counted from the sending of what was answered. */
  @Test
  void answeredHeartbeatCountsFromItsSending() {
    welcomed(V1, V1);
    assertThat(following.answeredSentAt()).as("a welcome is no answer").isEqualTo(NanoTime.NEVER);
    advance(V1, 10);
    advance(V1, 510);
    following.onReply(reply(1, V1), V1, at(900));
    assertThat(following.answeredSentAt()).isEqualTo(at(10));
    following.onReply(reply(2, V1), V1, at(1_900));
    assertThat(following.answeredSentAt()).isEqualTo(at(510));
  }

  /** Rule P49: it may have a successor already, who hears nothing from here. */
  @Test
  void answerOfASuspendedLeaderIsNoContact() {
    welcomed(V1, V1);
    advance(V1, 10);
    following.onReply(reply(1, V1, Message.ApiAccess.SUSPENDED), V1, at(900));
    assertThat(following.answeredSentAt()).isEqualTo(NanoTime.NEVER);
  }

  /** Rule P25. */
  @Test
  void checkIsWantedOnceInStepAndOncePerLink() {
    greet();
    following.onWelcome(welcome(V2, List.of(address(1))), V1, at(10), out);
    assertThat(following.wantsCheck(V1.version())).isFalse();
    assertThat(following.wantsCheck(V2.version())).isTrue();
    out.clear();
    following.onCheckPassed(out);
    assertThat(out).containsExactly(new Effect.Send(LINK, new Message.Checked(epoch(5))));
    assertThat(following.wantsCheck(V2.version())).isFalse();
    following.onLinkLost();
    assertThat(following.isInStep(V2.version())).isFalse();
  }

  @Test
  void nothingIsSaidToALeaderThatIsNotThere() {
    following.refuse(version(1), List.of(), out);
    following.bye(out);
    assertThat(out).isEmpty();
  }

  // Drives it as a replica does.

  private boolean advance(Snapshot served, long millis) {
    Installer installer = new Installer(served, served, Optional.empty(), Optional.empty());
    return following.advance(installer, at(millis), out);
  }

  private void greet() {
    following.follow(lease(7, 1, 5), at(0), out);
    following.onConnected(following.hello(epoch(4), version(0), V1), at(5), out);
    out.clear();
  }

  private void welcomed(Snapshot current, Snapshot held) {
    greet();
    following.onWelcome(welcome(current, List.of()), held, at(10), out);
  }

  private Optional<Snapshot> push(Snapshot base, Snapshot target, Snapshot held) {
    return following.onPush(new Message.Push(epoch(5), base.deltaTo(target)), held, at(20), out);
  }

  private static Message.Welcome welcome(Snapshot current, List<Address> sources) {
    return new Message.Welcome(epoch(5), "router2", current.version(), current.digest(), sources);
  }

  private static Message.HeartbeatReply reply(long sequence, Snapshot current) {
    return reply(sequence, current, Message.ApiAccess.CONFIRMED);
  }

  private static Message.HeartbeatReply reply(
      long sequence, Snapshot current, Message.ApiAccess api) {
    return new Message.HeartbeatReply(
        epoch(5),
        sequence,
        current.version(),
        current.digest(),
        Message.Standing.IN_SYNC,
        api,
        7,
        List.of(replica(2)));
  }

  private static Effect resync() {
    return new Effect.Send(LINK, new Message.Resync(epoch(5)));
  }
}
