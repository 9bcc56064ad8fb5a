package dev.lockstep.core.replication;

import static dev.lockstep.core.sample.Samples.address;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.blankLease;
import static dev.lockstep.core.sample.Samples.config;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.identity;
import static dev.lockstep.core.sample.Samples.lease;
import static dev.lockstep.core.sample.Samples.replica;
import static dev.lockstep.core.sample.Samples.snapshot;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Delta;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Timings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a follower takes and asks for when messages come late, twice, or not at all. */
final class CatchingUpTest {
  private static final Snapshot V1 = snapshot(1, "a");
  private static final Snapshot V2 = snapshot(2, "b");
  private static final Snapshot V3 = snapshot(3, "c");
  private static final List<Address> SOURCES = List.of(address(1));
  private static final LinkId LINK = new LinkId(1);
  private static final Effect RESYNC = new Effect.Send(LINK, new Message.Resync(epoch(5)));

  private final Following following = new Following(identity(2), Timings.STANDARD);
  private final List<Effect> out = new ArrayList<>();

  private void greet() {
    following.follow(lease(7, 1, 5), at(0), out);
    following.onConnected(following.hello(epoch(4), version(0), V1), at(5), out);
    out.clear();
  }

  private void welcome(Snapshot current, List<Address> sources, Snapshot held, long millis) {
    Message.Welcome welcome =
        new Message.Welcome(epoch(5), "router2", current.version(), current.digest(), sources);
    following.onWelcome(welcome, held, at(millis), out);
  }

  private void welcomed(Snapshot current) {
    greet();
    welcome(current, List.of(), current, 10);
    following.advance(serving(current), at(10), out);
    out.clear();
  }

  private Optional<Snapshot> push(Delta delta, Snapshot held) {
    return following.onPush(new Message.Push(epoch(5), delta), held, at(20), out);
  }

  private void reply(long sequence, Snapshot current, Message.ApiAccess api, long millis) {
    Message.HeartbeatReply reply =
        new Message.HeartbeatReply(
            epoch(5),
            sequence,
            current.version(),
            current.digest(),
            Message.Standing.IN_SYNC,
            api,
            7,
            List.of(replica(2)));
    following.onReply(reply, V1, at(millis));
  }

  private void reply(long sequence, Snapshot current, long millis) {
    reply(sequence, current, Message.ApiAccess.CONFIRMED, millis);
  }

  private static Installer serving(Snapshot served) {
    return new Installer(served, served, Optional.empty(), Optional.empty());
  }

  private static Delta withDigestOf(Snapshot other, Delta delta) {
    return new Delta(delta.base(), delta.target(), other.digest(), delta.changes());
  }

  // What is taken.

  /** Rule P20: the same change may lead to the same config from another base, and is refused. */
  @Test
  void pushIsAppliedToItsBaseOnlyThoughItWouldFitAnother() {
    Snapshot wider = Snapshot.of(version(2), config("a", 2));
    Snapshot narrow = snapshot(3, "a");
    Delta delta = wider.deltaTo(narrow);
    assertThat(delta.applyTo(V1)).as("it fits").isEqualTo(narrow);
    welcomed(V1);
    assertThat(push(delta, V1)).isEmpty();
    assertThat(out).containsExactly(RESYNC);
  }

  /** Rules P20 and P21: what is applied after a fetch is checked as any push is. */
  @Test
  void earlyPushIsAppliedToItsBaseOnlyAndIfItsDigestFits() {
    record Case(String name, Delta early, Snapshot newest) {}
    Delta right = V2.deltaTo(V3);
    Delta sameContent = new Delta(V1.version(), V3.version(), V3.digest(), right.changes());
    List<Case> cases =
        List.of(
            new Case("fits", right, V3),
            new Case("wrong digest", withDigestOf(V1, right), V2),
            new Case("another base", sameContent, V2));
    for (Case row : cases) {
      CatchUp fetching = CatchUp.NONE.hear(V2.version()).fetching().keep(row.early());
      assertThat(fetching.replay(V2)).as(row.name()).isEqualTo(row.newest());
    }
  }

  /** Rule P21: eight early pushes are kept; the rest is asked for, which is cheaper. */
  @Test
  void earlyPushesAreKeptUpToABound() {
    CatchUp fetching = CatchUp.NONE.fetching();
    for (int i = 2; i <= 11; i++) {
      fetching = fetching.keep(snapshot(i - 1, "v" + (i - 1)).deltaTo(snapshot(i, "v" + i)));
    }
    assertThat(fetching.replay(snapshot(1, "v1"))).isEqualTo(snapshot(9, "v9"));
  }

  // What is asked for.

  /** Rule P20: the leader sends a delta by itself; there is nowhere to fetch from. */
  @Test
  void welcomeWithoutSourcesMeansThatAPushFollows() {
    greet();
    welcome(V2, List.of(), V1, 10);
    assertThat(out).isEmpty();
    assertThat(push(V1.deltaTo(V2), V1)).contains(V2);
  }

  /** Rule P21: a fetch takes as long as it takes. */
  @Test
  void longFetchIsNotAskedForAgain() {
    greet();
    welcome(V2, SOURCES, V1, 10);
    for (long millis = 500; millis <= 20_000; millis += 500) {
      reply(millis / 500, V2, millis);
      following.advance(serving(V1), at(millis), out);
    }
    assertThat(out).doesNotContain(RESYNC);
  }

  /** Rule P21: the late time counts from the first reply that shows the lack. */
  @Test
  void repliesThatShowNoLackDoNotHurryALaterOne() {
    welcomed(V1);
    reply(1, V1, 500);
    for (long millis = 1_000; millis < 9_000; millis += 500) {
      reply(millis / 500, millis < 4_000 ? V1 : V2, millis);
      following.advance(serving(V1), at(millis), out);
    }
    assertThat(out).doesNotContain(RESYNC);
    following.advance(serving(V1), at(9_000), out);
    assertThat(out).contains(RESYNC);
  }

  /** Rule P21. */
  @Test
  void whatIsMissingAfterAFailedFetchIsDueBeforeTheNextHeartbeat() {
    greet();
    welcome(V2, SOURCES, V1, 10);
    following.advance(serving(V1), at(10), out);
    following.onFetchFailed(at(100));
    assertThat(following.nextDeadline()).isEqualTo(at(350));
  }

  /** Rule P21: what cannot be read does not become readable by being fetched more often. */
  @Test
  void eachFetchThatFailsIsFollowedByALongerPause() {
    greet();
    long time = 10;
    long longest = Timings.STANDARD.lateTime().toMillis();
    for (long pause : List.of(250L, 500L, 1_000L, 2_000L, 4_000L, longest, longest)) {
      assertThat(askedAfterAFailedFetch(time)).isEqualTo(pause);
      time += 30_000;
    }
    welcome(V2, SOURCES, V1, time);
    following.onFetched(V2, at(time));
    assertThat(askedAfterAFailedFetch(time)).isEqualTo(250);
  }

  private long askedAfterAFailedFetch(long time) {
    welcome(V3, SOURCES, V1, time);
    following.onFetchFailed(at(time));
    out.clear();
    long now = time;
    while (!out.contains(RESYNC) && now < time + 20_000) {
      now += 50;
      reply(now / 50, V3, now);
      following.advance(serving(V1), at(now), out);
    }
    return now - time;
  }

  /** Nobody is there to ask: a deadline would keep the loop busy. */
  @Test
  void fetchThatEndsAfterItsLinkIsDueForNothing() {
    greet();
    welcome(V2, SOURCES, V1, 10);
    following.onLinkLost();
    assertThat(following.onFetched(V2, at(100))).isEqualTo(V2);
    assertThat(following.nextDeadline()).isEqualTo(NanoTime.NEVER);
    assertThat(following.advance(serving(V2), at(100), out)).isFalse();
  }

  // The standing of this replica.

  /** Rule P47: what a later version asks for is no reason to stop serving this one. */
  @Test
  void whoIsInStepStaysSoWhenANewVersionComes() {
    welcomed(V1);
    push(V1.deltaTo(V2), V1);
    reply(1, V3, 30);
    assertThat(following.isInStep(V1.version())).isTrue();
  }

  /** Rule P25: it is the same link, so what was acked and checked over it stands. */
  @Test
  void secondWelcomeOverALinkAsksForNoSecondAckOrCheck() {
    welcomed(V1);
    following.onCheckPassed(out);
    reply(1, V1, 15);
    out.clear();
    welcome(V1, SOURCES, V1, 20);
    following.advance(serving(V1), at(20), out);
    assertThat(out).isEmpty();
    assertThat(following.wantsCheck(V1.version())).isFalse();
    assertThat(following.heardStanding()).contains(Message.Standing.IN_SYNC);
  }

  /** Rule P49: what another link said holds no more. */
  @Test
  void standingIsUnknownUntilALeaderSaysItOverThisLink() {
    greet();
    assertThat(following.standing()).isEqualTo(Message.Standing.JOINING);
    assertThat(following.heardStanding()).isEmpty();
    welcome(V1, List.of(), V1, 10);
    assertThat(following.heardStanding()).isEmpty();
    reply(1, V1, 20);
    assertThat(following.heardStanding()).contains(Message.Standing.IN_SYNC);
    following.onLinkLost();
    assertThat(following.heardStanding()).isEmpty();
  }

  /** Rule P12: who is not followed any more suspends nobody. */
  @Test
  void leaderIsSuspendedAsLongAsItsLinkSaysSo() {
    welcomed(V1);
    reply(1, V1, Message.ApiAccess.SUSPENDED, 20);
    assertThat(following.leaderIsSuspended()).isTrue();
    following.onLinkLost();
    assertThat(following.leaderIsSuspended()).isFalse();
  }

  /** Rule P49: each answer counts for the heartbeat that it answers, and once. */
  @Test
  void answerCountsForItsOwnHeartbeat() {
    welcomed(V1);
    following.advance(serving(V1), at(510), out);
    following.advance(serving(V1), at(1_010), out);
    reply(2, V1, 1_100);
    assertThat(following.answeredSentAt()).as("the first was not answered").isEqualTo(at(510));
    reply(1, V1, 1_200);
    assertThat(following.answeredSentAt()).as("an older answer").isEqualTo(at(510));
    reply(2, V1, 1_300);
    reply(9, V1, 1_400);
    assertThat(following.answeredSentAt()).as("of no heartbeat").isEqualTo(at(510));
  }

  /** Rule P49: a heartbeat whose answer has come waits for no other. */
  @Test
  void answeredHeartbeatsAreForgotten() {
    Beats beats = Beats.NONE.send(at(0)).send(at(500)).send(at(1_000)).hear(2);
    assertThat(beats.answered()).isEqualTo(2);
    assertThat(beats.unanswered()).containsExactly(new Beats.Beat(3, at(1_000)));
  }

  // To whom nothing is said.

  @Test
  void nothingIsSaidBetweenHelloAndWelcome() {
    greet();
    following.refuse(version(1), List.of(), out);
    following.bye(out);
    assertThat(out).isEmpty();
  }

  @Test
  void checkThatPassesAfterTheLinkIsLostIsSaidToNobody() {
    welcomed(V1);
    following.onLinkLost();
    following.onCheckPassed(out);
    assertThat(out).isEmpty();
  }

  @Test
  void holderWithoutAnAddressCannotBeFollowed() {
    Lease held = lease(7, 1, 5);
    Lease unreachable =
        new Lease(
            held.uid(),
            held.resourceVersion(),
            held.holder(),
            held.duration(),
            held.epoch(),
            held.version(),
            held.digest(),
            held.nonce(),
            blankLease(7).leader(),
            held.successors());
    following.follow(unreachable, at(0), out);
    assertThat(out).isEmpty();
    assertThat(following.isLinked()).isFalse();
  }
}
