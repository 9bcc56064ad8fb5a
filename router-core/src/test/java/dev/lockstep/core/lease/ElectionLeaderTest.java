package dev.lockstep.core.lease;

import static dev.lockstep.core.sample.Samples.address;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.blankLease;
import static dev.lockstep.core.sample.Samples.digest;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.lease;
import static dev.lockstep.core.sample.Samples.replica;
import static dev.lockstep.core.sample.Samples.version;
import static dev.lockstep.core.sample.Samples.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.NanoTime;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of {@link Election} for who leads: renew, commit, hand over, stand down. */
final class ElectionLeaderTest {
  private final LeaseDriver driver = new LeaseDriver();
  private final Election election = driver.election;

  /** Rule P15. */
  @Test
  void versionIsBoundWhenItsWriteIsConfirmed() {
    driver.lead();
    election.propose(digest("b"));
    assertThat(election.canPropose()).isFalse();
    Lease sent = driver.writeAt(1_000);
    assertThat(election.lastBound()).isEmpty();
    election.onWritten(written(sent, 12), at(1_010));
    assertThat(election.lastBound()).contains(written(sent, 12));
    assertThat(election.canPropose()).isTrue();
  }

  /** Rule P15: what an earlier leadership bound is no commit of this one, same digest or not. */
  @Test
  void earlierCommitWithTheSameDigestIsNoCommitOfALaterLeadership() {
    driver.lead();
    election.propose(digest("b"));
    election.onWritten(written(driver.writeAt(1_000), 12), at(1_010));
    election.onRead(lease(40, 2, 900), at(2_000), new ArrayList<>());
    election.onRead(lease(50, 2, 900).released(), at(2_010), new ArrayList<>());
    election.campaign(true);
    election.onWritten(written(driver.writeAt(2_700), 51), at(2_710));
    election.propose(digest("b"));
    assertThat(election.lastBound()).isEmpty();
  }

  @Test
  void idleLeaderRenewsEachPeriod() {
    driver.lead();
    assertThat(driver.advance(1_999)).isEmpty();
    assertThat(election.nextDeadline(at(1_999))).isEqualTo(at(2_000));
    assertThat(driver.writeAt(2_000).resourceVersion()).isEqualTo(8);
  }

  /** Rule P12: a leader that is asked to look again and again still renews. */
  @Test
  void looksDoNotKeepALeaderFromRenewing() {
    Lease held = driver.lead();
    election.look();
    driver.advance(1_900);
    election.look();
    driver.read(held, 2_100);
    assertThat(driver.advance(2_100)).hasOnlyElementsOfType(Effect.WriteLease.class);
  }

  /** Rule P7. */
  @Test
  void foreignEditKeepsTheLeadership() {
    Lease held = driver.lead();
    Lease renewal = driver.writeAt(3_000);
    election.onUnresolved(at(3_010));
    driver.advance(3_260);
    election.onRead(written(held, 77), at(3_270), new ArrayList<>());
    assertThat(election.isLeading()).isTrue();
    Lease next = driver.writeAt(3_270);
    assertThat(next.resourceVersion()).isEqualTo(77);
    assertThat(next.nonce()).isNotEqualTo(renewal.nonce());
    election.onWritten(written(next, 78), at(3_280));
    election.propose(digest("b"));
    assertThat(driver.writeAt(3_290).version()).isEqualTo(version(78));
  }

  /** Rule P7: whatever was edited, the next write has what was confirmed last. */
  @ParameterizedTest
  @CsvSource({"1, 2, a", "1, 2, b", "99, 2, b"})
  void whatWasEditedByHandIsPutRight(long version, long epoch, String digest) {
    driver.lead();
    election.propose(digest("b"));
    Lease committed = written(driver.writeAt(1_000), 12);
    election.onWritten(committed, at(1_010));
    election.look();
    driver.advance(1_020);
    Lease edited =
        written(committed, 60)
            .withVersion(version(version), digest(digest))
            .heldBy(replica(1), address(7), epoch(epoch));
    election.onRead(edited, at(1_030), new ArrayList<>());
    assertThat(election.isLeading()).isTrue();
    Lease next = driver.writeAt(2_600);
    assertThat(next.resourceVersion()).isEqualTo(60);
    assertThat(next.epoch()).isEqualTo(committed.epoch());
    assertThat(next.version()).isEqualTo(committed.version());
    assertThat(next.digest()).isEqualTo(committed.digest());
    assertThat(next.leader()).isEqualTo(committed.leader());
  }

  /** Rules P3, P7: what we wrote is what we wrote, though it was edited before we looked. */
  @Test
  void anEditBeforeAnUnknownOutcomeIsSettledDoesNotChangeWhatWasCommitted() {
    driver.lead();
    election.propose(digest("b"));
    Lease landed = written(driver.writeAt(1_000), 12);
    election.onUnresolved(at(1_100));
    driver.advance(1_400);
    Lease edited = written(landed, 13).withVersion(version(1), digest("b"));
    election.onRead(edited, at(1_410), new ArrayList<>());
    assertThat(election.lastBound().map(Lease::version)).contains(landed.version());
    election.propose(digest("c"));
    Lease next = driver.writeAt(1_420);
    assertThat(next.resourceVersion()).isEqualTo(13);
    assertThat(next.version()).isGreaterThan(landed.version());
  }

  /** Rule P7: an old Lease that names us is from before somebody else led. */
  @Test
  void leaseThatWasPutBackEndsTheLeadershipThoughItNamesUs() {
    Lease held = driver.lead();
    Lease renewed = written(driver.writeAt(2_000), 9);
    election.onWritten(renewed, at(2_010));
    election.look();
    driver.advance(2_020);
    driver.read(written(held, 60), 2_030);
    assertThat(election.isLeading()).isFalse();
    election.campaign(true);
    assertThat(driver.writeAt(2_030).epoch()).isEqualTo(epoch(61));
  }

  /** Rule P7: once expired, its last write may have been put back from before another leader. */
  @Test
  void lastWritePutBackAfterItExpiredEndsTheLeadership() {
    Lease held = driver.lead();
    Lease renewed = written(driver.writeAt(2_000), 9);
    election.onWritten(renewed, at(2_010));
    election.look();
    driver.advance(30_000);
    driver.read(written(renewed, 60), 30_010);
    assertThat(election.isLeading()).isFalse();
    assertThat(held.nonce()).isNotEqualTo(renewed.nonce());
  }

  /** Rule P7: an unmoved Lease says that nobody was there, however long the leader slept. */
  @Test
  void unmovedLeaseKeepsTheLeadershipThoughItExpired() {
    driver.lead();
    Lease renewed = written(driver.writeAt(2_000), 9);
    election.onWritten(renewed, at(2_010));
    election.look();
    driver.advance(30_000);
    driver.read(renewed, 30_010);
    assertThat(election.isLeading()).isTrue();
  }

  /** Rule P7: a higher epoch is another leadership, though it has our name. */
  @Test
  void higherEpochOnTheLeaseEndsTheLeadership() {
    Lease held = driver.lead();
    election.look();
    driver.advance(1_000);
    election.onRead(
        written(held, 60).heldBy(replica(1), address(1), held.epoch().next()),
        at(1_010),
        new ArrayList<>());
    assertThat(election.isLeading()).isFalse();
  }

  /** Rule P11. */
  @Test
  void deletedLeaseEndsTheLeadershipAndTheProposal() {
    driver.lead();
    election.propose(digest("b"));
    driver.advance(1_000);
    election.onUnresolved(at(1_010));
    driver.advance(1_260);
    election.onMissing(at(1_270));
    assertThat(election.isLeading()).isFalse();
    election.campaign(true);
    assertThat(driver.advance(1_270)).containsExactly(new Effect.CreateLease());
    election.onRead(blankLease(90), at(1_280), new ArrayList<>());
    Lease sent = driver.writeAt(1_990);
    assertThat(sent.epoch()).isEqualTo(epoch(91));
    assertThat(sent.digest()).isEqualTo(Optional.empty());
    election.onWritten(written(sent, 91), at(2_000));
    assertThat(election.canPropose()).as("nothing is left of the old proposal").isTrue();
  }

  /** Rule P12. */
  @Test
  void leaderWithoutConfirmationIsSuspendedAndResumes() {
    driver.lead();
    Lease renewal = driver.writeAt(2_000);
    assertThat(election.nextDeadline(at(2_000))).isEqualTo(at(4_500));
    assertThat(election.isSuspended(at(4_499))).isFalse();
    assertThat(election.isSuspended(at(4_500))).isTrue();
    assertThat(election.isLeading()).isTrue();
    election.onUnresolved(at(6_300));
    driver.advance(6_550);
    election.onRead(written(renewal, 9), at(6_560), new ArrayList<>());
    assertThat(election.isSuspended(at(6_561))).as("confirmed as of its sending").isTrue();
    Lease next = driver.writeAt(6_561);
    election.onWritten(written(next, 10), at(6_570));
    assertThat(election.isSuspended(at(6_571))).isFalse();
    assertThat(election.epoch()).isEqualTo(renewal.epoch());
  }

  /** Rule P7: another may have led since, and somebody put our own last write back. */
  @Test
  void aWriteThatIsFoundWhenItHasExpiredMakesNobodyLeadAnyMore() {
    driver.lead();
    Lease renewal = driver.writeAt(2_000);
    election.onUnresolved(at(9_000));
    driver.advance(9_250);
    election.onRead(written(renewal, 70), at(9_260), new ArrayList<>());
    assertThat(election.isLeading()).isFalse();
    election.campaign(true);
    Lease next = driver.writeAt(9_261);
    assertThat(next.epoch()).as("taken anew, at once").isGreaterThan(renewal.epoch());
    election.onWritten(written(next, 71), at(9_270));
    election.propose(digest("b"));
    assertThat(driver.writeAt(9_280).version()).isGreaterThan(version(70));
  }

  /** Rule P13. */
  @Test
  void departingLeaderNamesItsSuccessor() {
    driver.lead();
    election.depart(Optional.of(replica(2)), Optional.of(address(2)));
    assertThat(election.canPropose()).isFalse();
    Lease sent = driver.writeAt(1_000);
    assertThat(sent.holder()).contains(replica(2));
    assertThat(sent.leader()).contains(address(2));
    assertThat(sent.epoch().isAfter(election.epoch())).isTrue();
    assertThat(election.isLeading()).isTrue();
    election.onWritten(written(sent, 9), at(1_010));
    assertThat(election.isLeading()).isFalse();
    assertThat(election.isDeparting()).isFalse();
  }

  /** Rule P13. */
  @Test
  void departingLeaderWithoutSuccessorGivesTheLeaseBack() {
    driver.lead();
    election.depart(Optional.empty(), Optional.empty());
    Lease sent = driver.writeAt(1_000);
    assertThat(sent.holder()).isEmpty();
    assertThat(sent.leader()).isEmpty();
  }

  /** Rule P13: somebody who is leaving was named, or won a race that he had begun before. */
  @Test
  void leavingReplicaGivesBackWhatItWasHanded() {
    election.abstainUntil(NanoTime.NEVER);
    election.look();
    driver.advance(0);
    election.onRead(lease(10, 1, 4), at(1), new ArrayList<>());
    assertThat(election.isUnsettled()).isTrue();
    Lease sent = driver.writeAt(1);
    assertThat(sent.holder()).isEmpty();
    election.onWritten(written(sent, 11), at(2));
    assertThat(election.isUnsettled()).isFalse();
    assertThat(election.isLeading()).isFalse();
  }

  /** Rule P32: a leadership that is over does not come back with a late confirmation. */
  @Test
  void confirmationBelowAHigherEpochIsNoLeadership() {
    driver.lead();
    Lease renewal = driver.writeAt(2_000);
    election.raiseFloors(epoch(99), version(0));
    election.stepDown();
    election.onWritten(written(renewal, 9), at(2_010));
    assertThat(election.isLeading()).isFalse();
  }
}
