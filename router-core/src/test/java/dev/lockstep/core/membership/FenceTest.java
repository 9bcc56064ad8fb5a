package dev.lockstep.core.membership;

import static dev.lockstep.core.membership.SetDriver.CURRENT;
import static dev.lockstep.core.membership.SetDriver.EPOCH;
import static dev.lockstep.core.membership.SetDriver.exclusion;
import static dev.lockstep.core.membership.SetDriver.inSync;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.digest;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.AckEntry;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is taken out of traffic, when, and how many at a time. */
final class FenceTest {
  private static final Message.Heartbeat BEAT =
      new Message.Heartbeat(epoch(EPOCH), 1, 0, version(10), digest("a"));

  private static final Pod.Condition IN = Pod.Condition.IN_SYNC;

  private final SetDriver driver = new SetDriver();

  private long fenced(int members) {
    driver.list(0, inSync(members - 1));
    return driver.advance(10_000).stream().filter(Effect.WritePod.class::isInstance).count();
  }

  /** Rule P36: of so many members that are all silent, so many are fenced at a time. */
  @Test
  void atMostOneOrAQuarterIsFencedAtATime() {
    record Case(int members, int fenced) {}
    List<Case> cases =
        List.of(new Case(2, 1), new Case(3, 1), new Case(7, 1), new Case(8, 2), new Case(20, 5));
    for (Case row : cases) {
      FenceTest fresh = new FenceTest();
      assertThat(fresh.fenced(row.members())).as("of %d", row.members()).isEqualTo(row.fenced());
    }
  }

  /** Rule P36: the next one is fenced when one is back. */
  @Test
  void railsFreeOneWhenAnotherIsBack() {
    driver.list(0, inSync(2));
    driver.set.onServed(podId(2), CURRENT, at(0));
    driver.set.onServed(podId(3), CURRENT, at(0));
    assertThat(driver.advance(10_000)).hasSize(1);
    driver.set.onSeen(pod(2, 200, Pod.Condition.NOT_IN_SYNC, EPOCH), at(10_001));
    assertThat(driver.advance(15_000)).isEmpty();
    driver.set.onSeen(pod(2, 201, IN, EPOCH), at(16_000));
    driver.set.onHeard(podId(2), BEAT, at(16_000));
    assertThat(driver.advance(16_000)).containsExactly(exclusion(inSync(2)[1], 3, "it is silent"));
  }

  /** Rule P37: who leaves harms nobody, so the rails do not hold it back. */
  @Test
  void leavingMembersAreFencedAtOnceAndOutsideTheRails() {
    Pod[] pods = inSync(3);
    driver.list(0, pods);
    driver.set.onBye(podId(2));
    driver.set.onBye(podId(3));
    assertThat(driver.advance(1))
        .containsExactly(
            exclusion(pods[0], 2, "it is leaving"), exclusion(pods[1], 3, "it is leaving"));
  }

  /** Rule P35. */
  @Test
  void laggardIsReportedOnceAndThenFenced() {
    Pod in = inSync(1)[0];
    driver.list(0, in);
    driver.join(2, 0);
    driver.set.onCurrent(version(11), at(1_000));
    driver.set.onServed(podId(1), version(11), at(1_000));
    for (long millis = 1_000; millis < 6_000; millis += 500) {
      driver.set.onHeard(podId(2), BEAT, at(millis));
      assertThat(driver.advanceAll(millis)).isEmpty();
    }
    assertThat(driver.advanceAll(6_000))
        .containsExactly(
            new Effect.Announce(
                new Effect.MemberChanged(
                    "router2",
                    podId(2),
                    AckEntry.Kind.LATE,
                    "it does not apply the current version")));
    driver.set.onHeard(podId(2), BEAT, at(10_999));
    assertThat(driver.advanceAll(10_999)).isEmpty();
    assertThat(driver.advance(11_000))
        .containsExactly(exclusion(in, 2, "it does not apply the current version"));
  }

  /** Rule P35: a version that the leader does not serve yet was sent to nobody. */
  @Test
  void nobodyIsBehindAVersionThatTheLeaderDoesNotServe() {
    driver.set.onListed(List.of(inSync(1)), at(0));
    driver.say(2, 0);
    assertThat(driver.member(2).behindSince().isBefore(at(Integer.MAX_VALUE))).isFalse();
    driver.set.onCurrent(CURRENT, at(500));
    assertThat(driver.member(2).behindSince()).isEqualTo(at(500));
  }

  /** Rule P35: who catches up within the time is not fenced. */
  @Test
  void ackInTimeEndsTheLag() {
    driver.list(0, inSync(1));
    driver.say(2, 0);
    driver.set.onServed(podId(2), CURRENT, at(9_000));
    assertThat(driver.advance(12_000)).isEmpty();
  }

  /** Rule P35: a config that changes all the time does not keep a laggard in traffic. */
  @Test
  void lagCountsFromTheFirstVersionThatIsMissing() {
    driver.list(0, inSync(1));
    driver.join(2, 0);
    driver.set.onCurrent(version(11), at(1_000));
    driver.set.onCurrent(version(12), at(9_000));
    assertThat(driver.member(2).behindSince()).isEqualTo(at(1_000));
    driver.set.onServed(podId(2), version(11), at(9_500));
    assertThat(driver.member(2).behindSince()).as("still not the current one").isEqualTo(at(1_000));
  }

  /** Rule P35: who comes later has as long as the others had. */
  @Test
  void newcomerIsBehindFromItsFirstSightAndAnewFromItsHello() {
    driver.list(0);
    driver.set.onSeen(pod(2, 7, IN, EPOCH), at(3_000));
    assertThat(driver.member(2).behindSince()).isEqualTo(at(3_000));
    driver.join(2, 4_000);
    assertThat(driver.member(2).behindSince()).isEqualTo(NanoTime.NEVER);
    driver.say(2, 5_000);
    assertThat(driver.member(2).behindSince()).isEqualTo(at(5_000));
  }

  /** Acks may overtake each other on their way through two links. */
  @Test
  void olderAckTakesNothingBack() {
    driver.list(0, inSync(1));
    driver.join(2, 100);
    driver.set.onServed(podId(2), version(9), at(200));
    assertThat(driver.member(2).acked()).isEqualTo(CURRENT);
    assertThat(driver.member(2).ackedAt()).isEqualTo(at(100));
  }

  /** Rule P35: nobody is late who does not count, or is no more. */
  @Test
  void latenessIsToldOnlyOfWhoIsWaitedFor() {
    driver.list(0, pod(2, 7, Pod.Condition.NOT_IN_SYNC, EPOCH), pod(3, 8, IN, EPOCH));
    driver.set.onServed(podId(2), CURRENT, at(0));
    driver.set.onServed(podId(3), CURRENT, at(0));
    driver.advance(24_000);
    assertThat(driver.member(2).isCounted()).isFalse();
    driver.set.onGone(podId(3), at(24_000));
    driver.set.onCurrent(version(11), at(24_000));
    driver.set.onServed(podId(1), version(11), at(24_000));
    assertThat(driver.advanceAll(29_000)).isEmpty();
  }

  /** Rule P35: the leader slept, and heard nobody meanwhile. */
  @Test
  void pauseOfTheLeaderIsNobodysSilence() {
    driver.list(0, inSync(1));
    driver.set.onResumed(at(60_000));
    assertThat(driver.advance(60_000)).isEmpty();
    assertThat(driver.advance(70_000)).hasSize(1);
  }

  /** Rule P35: nor does it put anybody behind who was not. */
  @Test
  void pauseOfTheLeaderIsNobodysLag() {
    driver.list(0, inSync(2));
    driver.join(2, 0);
    driver.set.onResumed(at(60_000));
    assertThat(driver.member(2).behindSince()).isEqualTo(NanoTime.NEVER);
    assertThat(driver.member(3).behindSince()).isEqualTo(at(60_000));
  }

  @Test
  void deadlineThatIsHeldBackByTheRailsMovesOn() {
    driver.list(0, inSync(2));
    driver.advance(10_000);
    assertThat(driver.set.nextDeadline(at(10_000))).isEqualTo(at(15_000));
  }
}
