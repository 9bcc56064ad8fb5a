package dev.lockstep.core.lease;

import static dev.lockstep.core.sample.Samples.address;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.blankLease;
import static dev.lockstep.core.sample.Samples.digest;
import static dev.lockstep.core.sample.Samples.lease;
import static dev.lockstep.core.sample.Samples.replica;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When the client of the Lease wants to be asked again, and that it is not asked in vain. */
final class ElectionDeadlinesTest {
  private static final Effect READ = new Effect.ReadLease();

  private final LeaseDriver driver = new LeaseDriver();
  private final Election election = driver.election;

  private NanoTime next(long millis) {
    return election.nextDeadline(at(millis));
  }

  /** {@return whether something is due then already} */
  private boolean isDue(long millis) {
    return at(millis).isAtOrAfter(next(millis));
  }

  @Test
  void lookIsDueAtOnceAndOnce() {
    election.look();
    assertThat(isDue(0)).isTrue();
    assertThat(driver.advance(0)).containsExactly(READ);
    driver.read(lease(10, 2, 1), 10);
    assertThat(next(10)).isEqualTo(NanoTime.NEVER);
  }

  @Test
  void candidateThatKnowsNothingLooksAtOnce() {
    election.campaign(true);
    assertThat(isDue(0)).isTrue();
  }

  @Test
  void candidatePollsUntilItMayTakeOver() {
    election.rank(List.of(replica(1)));
    driver.watch(lease(10, 2, 1), 0);
    assertThat(next(0)).isEqualTo(at(500));
    driver.advance(500);
    driver.read(lease(10, 2, 1), 4_900);
    assertThat(next(4_900).since(at(5_000)).toMillis()).isBetween(0L, 39L);
  }

  @Test
  void proposalIsDueAtOnce() {
    driver.lead();
    assertThat(isDue(600)).isFalse();
    election.propose(digest("b"));
    assertThat(isDue(600)).isTrue();
  }

  /** Rule P13. */
  @Test
  void departureIsDueAtOnce() {
    driver.lead();
    election.depart(Optional.empty(), Optional.empty());
    assertThat(election.isDeparting()).isTrue();
    assertThat(isDue(600)).isTrue();
  }

  /** Rule P13: there is nothing to give back, and a deadline would keep the loop busy. */
  @Test
  void departureOfWhoDoesNotLeadIsNothingToDo() {
    election.depart(Optional.empty(), Optional.empty());
    assertThat(next(0)).isEqualTo(NanoTime.NEVER);
    assertThat(driver.advance(0)).isEmpty();
  }

  /** Rule P3. */
  @Test
  void writeOfUnknownOutcomeIsDueToBeReadAfterAPause() {
    driver.takeOver(blankLease(7));
    election.onUnresolved(at(600));
    election.campaign(false);
    assertThat(next(600)).isEqualTo(at(850));
    assertThat(election.isUnsettled()).isTrue();
  }

  /** Rule P13: what was handed to who is leaving is due to be given back. */
  @Test
  void unwantedLeaseIsDueAtOnce() {
    election.abstainUntil(NanoTime.NEVER);
    assertThat(election.isUnsettled()).as("nothing seen").isFalse();
    assertThat(next(0)).isEqualTo(NanoTime.NEVER);
    election.look();
    driver.advance(0);
    driver.read(lease(10, 1, 4), 1);
    assertThat(isDue(1)).isTrue();
  }

  /** Rule P13: as long as it leads, a departure gives the Lease back and nothing else does. */
  @Test
  void leaderThatIsLeavingIsNotInAHurryBeforeItDeparts() {
    driver.lead();
    election.abstainUntil(NanoTime.NEVER);
    assertThat(election.isUnsettled()).isFalse();
    assertThat(next(600)).isEqualTo(at(2_000));
    assertThat(driver.advance(600)).isEmpty();
  }

  /** Rule P12: a suspended leader whose request hangs has nothing to wait for but the answer. */
  @Test
  void suspendedLeaderWaitsForTheAnswer() {
    driver.lead();
    driver.writeAt(2_000);
    assertThat(next(4_499)).isEqualTo(at(4_500));
    assertThat(next(4_500)).isEqualTo(NanoTime.NEVER);
  }

  /** Rule P12: only a leader can be suspended. */
  @Test
  void whoDoesNotLeadIsNotSuspended() {
    assertThat(election.isSuspended(at(90_000))).isFalse();
  }

  // Looks.

  /** A look that was asked for while a read was under way needs a read of its own. */
  @Test
  void lookDuringAReadThatFailsIsNotForgotten() {
    election.campaign(true);
    driver.advance(0);
    election.look();
    election.onReadFailed(at(10));
    election.campaign(false);
    assertThat(next(10)).isEqualTo(at(260));
    assertThat(driver.advance(260)).containsExactly(READ);
  }

  /** It was nobody's wish but the poll's, and that comes again by itself. */
  @Test
  void failedPollWaitsForTheNextPoll() {
    election.rank(List.of(replica(1)));
    driver.watch(lease(10, 2, 1), 0);
    driver.advance(500);
    election.onReadFailed(at(600));
    assertThat(next(600)).isEqualTo(at(1_100));
    assertThat(driver.advance(850)).isEmpty();
  }

  @Test
  void whoDoesNotCampaignLooksThoughItCouldTakeTheLease() {
    election.look();
    driver.advance(0);
    election.look();
    driver.read(lease(10, 1, 4), 1_000);
    assertThat(driver.advance(1_000)).containsExactly(READ);
  }

  @Test
  void leaderLooksThoughItHasReadAMomentAgo() {
    Lease held = driver.lead();
    election.campaign(true);
    election.look();
    driver.advance(600);
    election.look();
    driver.read(held, 700);
    assertThat(driver.advance(700)).containsExactly(READ);
  }

  /** Rule P11: making the Lease is for those who want to lead. */
  @Test
  void whoDoesNotCampaignMakesNoLease() {
    election.look();
    driver.advance(0);
    election.onMissing(at(1));
    assertThat(driver.advance(1)).isEmpty();
    assertThat(next(1)).isEqualTo(NanoTime.NEVER);
  }

  // Ranks.

  /** The first three look often; all others would only add load. */
  @Test
  void pollPeriodGrowsWithTheRank() {
    List<Integer> ranks = List.of(0, 1, 2, 3, 9);
    List<Long> periods = ranks.stream().map(ElectionDeadlinesTest::pollPeriod).toList();
    assertThat(periods).containsExactly(500L, 500L, 500L, 2_000L, 2_000L);
  }

  private static long pollPeriod(int rank) {
    LeaseDriver driver = new LeaseDriver();
    List<ReplicaId> ranking = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      ranking.add(replica(10 + i));
    }
    ranking.add(replica(1));
    driver.election.rank(ranking);
    driver.watch(lease(10, 2, 1), 0);
    return driver.election.nextDeadline(at(0)).since(at(0)).toMillis();
  }

  /** Rule P9: the last leader knew nothing of it, so those whom it knew come first. */
  @Test
  void whoIsNotRankedComesAfterThoseWhoAre() {
    election.rank(List.of(replica(2), replica(3), replica(4)));
    driver.watch(blankLease(7), 0);
    assertThat(driver.advance(449)).isEmpty();
    assertThat(next(449).isBefore(at(450))).isFalse();
  }

  /** Rule P13: a successor that cannot be reached is none. */
  @Test
  void departureWithHalfASuccessorGivesTheLeaseBack() {
    Lease base = lease(10, 1, 4);
    Departure nameless = new Departure(Optional.empty(), Optional.of(address(2)));
    Departure unreachable = new Departure(Optional.of(replica(2)), Optional.empty());
    assertThat(nameless.leave(base, base.epoch().next())).isEqualTo(base.released());
    assertThat(unreachable.leave(base, base.epoch().next())).isEqualTo(base.released());
  }
}
