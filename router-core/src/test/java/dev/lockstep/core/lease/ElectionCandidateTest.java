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
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Timings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of {@link Election} for who does not lead: when it reads, and when it tries. */
final class ElectionCandidateTest {
  private static final Effect READ = new Effect.ReadLease();

  private final LeaseDriver driver = new LeaseDriver();
  private final Election election = driver.election;

  @Test
  void candidateReadsTheLeaseBeforeAnythingElse() {
    election.campaign(true);
    assertThat(driver.advance(0)).containsExactly(READ);
    assertThat(driver.advance(1)).as("one request at a time").isEmpty();
    assertThat(election.nextDeadline(at(1))).isEqualTo(NanoTime.NEVER);
  }

  @Test
  void nobodyWhoDoesNotCampaignTouchesTheLease() {
    assertThat(driver.advance(0)).isEmpty();
    assertThat(election.nextDeadline(at(0))).isEqualTo(NanoTime.NEVER);
  }

  /** Rules P1, P2 and P6. */
  @Test
  void emptyHolderIsReplacedAndLeadsOnlyWhenThatIsConfirmed() {
    Lease sent = driver.takeOver(blankLease(7));
    assertThat(sent.uid()).isEqualTo("lease-uid");
    assertThat(sent.resourceVersion()).isEqualTo(7);
    assertThat(sent.holder()).contains(replica(1));
    assertThat(sent.leader()).contains(address(1));
    assertThat(sent.nonce()).isEqualTo("boot1-1");
    assertThat(election.isLeading()).isFalse();
    election.onWritten(written(sent, 9), at(600));
    assertThat(election.isLeading()).isTrue();
    assertThat(election.epoch()).isEqualTo(sent.epoch());
  }

  /**
   * Rule P9: links that fail ask for a look again and again, faster than the API server answers.
   */
  @Test
  void looksDoNotKeepACandidateFromTheLease() {
    election.campaign(true);
    driver.advance(0);
    election.look();
    driver.read(blankLease(7), 300);
    assertThat(driver.advance(300)).containsExactly(READ);
    election.look();
    driver.read(blankLease(7), 1_000);
    assertThat(driver.advance(1_000)).hasOnlyElementsOfType(Effect.WriteLease.class);
  }

  /** Rule P10: a lineage without numbers starts above its resourceVersion. */
  @Test
  void blankLeaseStartsAboveItsResourceVersion() {
    Lease sent = driver.takeOver(blankLease(700));
    assertThat(sent.epoch()).isEqualTo(epoch(701));
    assertThat(sent.version()).isEqualTo(version(0));
    election.onWritten(written(sent, 709), at(600));
    election.propose(digest("a"));
    assertThat(driver.writeAt(601).version()).isEqualTo(version(701));
  }

  /** Rule P10: what anybody has heard of is a floor, and so is the base of the take-over. */
  @Test
  void takeOverCountsAboveTheFloors() {
    election.raiseFloors(epoch(50), version(90));
    Lease sent = driver.takeOver(blankLease(7));
    assertThat(sent.epoch()).isEqualTo(epoch(51));
    election.onWritten(written(sent, 8), at(600));
    election.propose(digest("a"));
    assertThat(driver.writeAt(601).version()).isEqualTo(version(91));
  }

  /** Rule P10: numbers on a Lease that was put back by hand say nothing about those after it. */
  @Test
  void rolledBackLeaseRepeatsNoNumber() {
    Lease old = lease(900, 2, 3).withVersion(version(5), digest("a")).released();
    Lease sent = driver.takeOver(old);
    assertThat(sent.epoch()).isEqualTo(epoch(901));
    election.onWritten(written(sent, 901), at(600));
    election.propose(digest("b"));
    assertThat(driver.writeAt(601).version()).isEqualTo(version(901));
  }

  /** Rule P10: a candidate that lost must not depose the winner by the number it tried. */
  @Test
  void lostTakeOverRaisesNoFloor() {
    driver.takeOver(blankLease(700));
    election.onUnresolved(at(600));
    driver.advance(2_000);
    election.onRead(lease(705, 2, 4), at(2_001), new ArrayList<>());
    assertThat(election.floors()).isEqualTo(new Floors(epoch(4), version(0)));
  }

  /** Rule P8. */
  @Test
  void expiryCountsFromTheFirstLocalSighting() {
    driver.watch(lease(10, 2, 1), 0);
    driver.watch(lease(10, 2, 1), 3_000);
    assertThat(driver.advance(3_500)).as("a poll").containsExactly(READ);
    election.onRead(lease(10, 2, 1), at(3_600), new ArrayList<>());
    assertThat(driver.advance(4_999)).isEqualTo(List.of(READ));
    election.onRead(lease(10, 2, 1), at(4_999), new ArrayList<>());
    Lease sent = driver.writeAt(5_000 + 700);
    assertThat(sent.holder()).contains(replica(1));
    assertThat(sent.epoch()).isEqualTo(epoch(11));
  }

  /** Rule P8. */
  @Test
  void renewalStartsTheClockAnew() {
    driver.watch(lease(10, 2, 1), 0);
    driver.watch(lease(11, 2, 1), 4_000);
    assertThat(driver.advance(6_000)).containsExactly(READ);
    election.onRead(lease(11, 2, 1), at(6_000), new ArrayList<>());
    assertThat(driver.advance(8_900)).containsExactly(READ);
  }

  /** Rule P8: what the leader says of its last write starts the clock, not the later read. */
  @Test
  void hintStartsTheClock() {
    election.hint(10, at(0));
    election.campaign(true);
    driver.advance(4_000);
    election.onRead(lease(10, 2, 1), at(4_000), new ArrayList<>());
    assertThat(driver.writeAt(5_700).holder()).contains(replica(1));
  }

  /** Rule P8: the record's duration counts, and a decade is a mistake. */
  @Test
  void durationOfTheLeaseCountsUpToAMinute() {
    Lease decade = lease(10, 2, 1).forWrite("n", java.time.Duration.ofDays(3_650), List.of());
    LeaseSight sight = new LeaseSight(decade, at(0));
    assertThat(sight.expiry()).isEqualTo(at(60_000));
    assertThat(new LeaseSight(lease(10, 2, 1), at(0)).expiry()).isEqualTo(at(5_000));
  }

  /** Rules P6 and P9: an earlier run of this pod is over, but it takes a write to follow it. */
  @Test
  void earlierRunOfTheSamePodIsReplacedAtOnceAndNeverMistakenForThisOne() {
    Lease earlier =
        lease(10, 1, 4).heldBy(new ReplicaId("router-1", "boot0"), address(1), epoch(4));
    election.campaign(true);
    driver.advance(0);
    election.onRead(earlier, at(1), new ArrayList<>());
    assertThat(election.isLeading()).isFalse();
    Lease sent = driver.writeAt(1);
    assertThat(sent.holder()).contains(replica(1));
    assertThat(sent.epoch()).isEqualTo(epoch(11));
  }

  /** Rule P9: the named successor needs no delay; it is not the leader before its own write. */
  @Test
  void successorThatWasNamedStillHasToWrite() {
    election.campaign(true);
    driver.advance(0);
    election.onRead(lease(10, 1, 4), at(1), new ArrayList<>());
    assertThat(election.isLeading()).isFalse();
    assertThat(driver.writeAt(1).epoch()).isEqualTo(epoch(11));
  }

  /** Rule P9. */
  @Test
  void evidenceTakesThePlaceOfExpiry() {
    election.rank(List.of(replica(1)));
    driver.watch(lease(10, 2, 1), 0);
    election.holderGone(replica(2), at(1_000));
    assertThat(driver.writeAt(1_050).holder()).contains(replica(1));
  }

  /**
   * Rule P9: who asks again and again, as who finds no leader does, must take the Lease as well.
   */
  @Test
  void evidenceThatIsRepeatedPostponesNothing() {
    election.rank(List.of(replica(3), replica(4), replica(1)));
    driver.watch(lease(10, 2, 1), 0);
    for (long millis = 1_000; millis < 1_300; millis += 100) {
      election.holderGone(replica(2), at(millis));
    }
    assertThat(driver.writeAt(1_350).holder()).contains(replica(1));
  }

  /** Rule P9: evidence can only hasten. */
  @Test
  void evidenceAfterTheExpiryPostponesNothing() {
    election.rank(List.of(replica(3), replica(4), replica(1)));
    driver.watch(lease(10, 2, 1), 0);
    election.holderGone(replica(2), at(5_200));
    assertThat(driver.writeAt(5_350).holder()).contains(replica(1));
  }

  /** Rule P9: the network refused, and then it did not. */
  @Test
  void evidenceIsForgottenWhenSomebodyIsReached() {
    election.rank(List.of(replica(1)));
    driver.watch(lease(10, 2, 1), 0);
    election.holderGone(replica(2), at(1_000));
    election.accompanied();
    assertThat(driver.advance(1_050)).containsExactly(READ);
  }

  /** Rule P9: evidence against one run says nothing about another holder. */
  @Test
  void evidenceAgainstAnotherHolderIsNone() {
    election.rank(List.of(replica(1)));
    driver.watch(lease(10, 2, 1), 0);
    election.holderGone(replica(3), at(1_000));
    assertThat(driver.advance(1_050)).containsExactly(READ);
  }

  /** Rule P9. */
  @Test
  void laterRanksWaitLonger() {
    Candidacy first = Candidacy.of(replica(1), Timings.STANDARD).ranked(List.of(replica(1)));
    Candidacy second =
        Candidacy.of(replica(1), Timings.STANDARD).ranked(List.of(replica(3), replica(1)));
    LeaseSight sight = new LeaseSight(blankLease(10), at(0));
    assertThat(first.takeOverAt(sight).since(at(0))).isLessThan(java.time.Duration.ofMillis(40));
    assertThat(second.takeOverAt(sight).since(first.takeOverAt(sight)))
        .isEqualTo(Timings.STANDARD.rankStep());
  }

  /** Rule P12: the holder comes first when the API server is back. */
  @Test
  void leaseThatNobodyCouldRenewIsNotTakenAtOnce() {
    election.rank(List.of(replica(1)));
    driver.watch(lease(10, 2, 1), 0);
    driver.advance(500);
    election.onReadFailed(at(600));
    driver.advance(850);
    election.onReadFailed(at(60_000));
    driver.advance(60_250);
    driver.read(lease(10, 2, 1), 60_260);
    assertThat(driver.advance(60_760)).containsExactly(READ);
    driver.read(lease(10, 2, 1), 60_770);
    assertThat(driver.writeAt(60_260 + 1_750 + 39).holder()).contains(replica(1));
  }

  /** Rule P11. */
  @Test
  void missingLeaseIsMadeAndThenTaken() {
    election.campaign(true);
    driver.advance(0);
    election.onMissing(at(1));
    assertThat(driver.advance(1)).containsExactly(new Effect.CreateLease());
    election.onRead(blankLease(33), at(2), new ArrayList<>());
    assertThat(driver.writeAt(700).epoch()).isEqualTo(epoch(34));
  }

  @Test
  void failedReadIsTriedAgainAfterAPause() {
    election.look();
    driver.advance(0);
    election.onReadFailed(at(10));
    assertThat(driver.advance(11)).isEmpty();
    assertThat(election.nextDeadline(at(11))).isEqualTo(at(260));
    assertThat(driver.advance(260)).containsExactly(READ);
  }

  /** Rule P14: who stays away from the Lease still wants to know who leads. */
  @Test
  void abstainingCandidatePollsAndDoesNotTakeOver() {
    election.rank(List.of(replica(1)));
    election.abstainUntil(at(20_000));
    driver.watch(blankLease(10), 0);
    assertThat(driver.advance(500)).containsExactly(READ);
    election.onRead(blankLease(10), at(500), new ArrayList<>());
    assertThat(driver.writeAt(20_000).holder()).contains(replica(1));
  }
}
