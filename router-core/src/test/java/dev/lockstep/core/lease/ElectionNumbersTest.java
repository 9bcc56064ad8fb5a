package dev.lockstep.core.lease;

import static dev.lockstep.core.sample.Samples.address;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.blankLease;
import static dev.lockstep.core.sample.Samples.digest;
import static dev.lockstep.core.sample.Samples.lease;
import static dev.lockstep.core.sample.Samples.replica;
import static dev.lockstep.core.sample.Samples.version;
import static dev.lockstep.core.sample.Samples.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Lease;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which numbers are counted from what, and which write binds what. */
final class ElectionNumbersTest {
  private final LeaseDriver driver = new LeaseDriver();
  private final Election election = driver.election;

  /** {@return the Lease after a commit of this digest, sent and confirmed at that moment} */
  private Lease commit(String digest, long millis, long resourceVersion) {
    election.propose(digest(digest));
    Lease held = written(driver.writeAt(millis), resourceVersion);
    election.onWritten(held, at(millis));
    return held;
  }

  // Binding.

  /** Rule P15: another version of the same content is asked for, and the renewal has none. */
  @Test
  void renewalBindsNothingThoughItHasTheDigestThatIsProposed() {
    driver.lead();
    Lease first = commit("b", 1_000, 12);
    Lease renewal = driver.writeAt(2_500);
    election.propose(digest("b"));
    election.onWritten(written(renewal, 13), at(2_510));
    assertThat(election.lastBound()).isEmpty();
    Lease second = driver.writeAt(2_520);
    assertThat(second.version()).isEqualTo(first.version().next());
    election.onWritten(written(second, 14), at(2_530));
    assertThat(election.lastBound()).contains(written(second, 14));
  }

  /** Rule P15: what was confirmed is not what is wanted by now. */
  @Test
  void commitOfAnotherDigestBindsNothing() {
    driver.lead();
    election.propose(digest("b"));
    Lease sent = driver.writeAt(1_000);
    election.propose(digest("c"));
    election.onWritten(written(sent, 12), at(1_010));
    assertThat(election.lastBound()).isEmpty();
    assertThat(driver.writeAt(1_020).digest()).contains(digest("c"));
  }

  /** Rule P6: the versions of a predecessor are on the Lease that it takes over. */
  @Test
  void takeOverOfALeaseWithAVersionBindsNothing() {
    Lease free = blankLease(7).withVersion(version(5), digest("a"));
    election.onWritten(written(driver.takeOver(free), 8), at(510));
    assertThat(election.isLeading()).isTrue();
    assertThat(election.lastBound()).isEmpty();
  }

  // Counting.

  /** Rule P10: nobody has edited the Lease, so no version is left out. */
  @Test
  void versionsCountUpByOneHoweverOftenTheLeaseIsRenewed() {
    driver.lead();
    Lease first = commit("b", 1_000, 50);
    Lease renewed = written(driver.writeAt(2_500), 90);
    election.onWritten(renewed, at(2_510));
    election.look();
    driver.advance(2_520);
    driver.read(renewed, 2_530);
    assertThat(commit("c", 2_540, 91).version()).isEqualTo(first.version().next());
  }

  /** Rule P10: a floor is what exists, and a Lease that is only read makes nothing exist. */
  @Test
  void readingTheLeaseOfAnotherRaisesNoFloorBeyondItsNumbers() {
    driver.watch(lease(90, 2, 4).withVersion(version(6), digest("a")), 0);
    assertThat(election.floors().version()).isEqualTo(version(6));
    assertThat(election.floors().epoch()).isEqualTo(lease(90, 2, 4).epoch());
  }

  /** Rule P10: nor does it for who has led before. */
  @Test
  void leaderThatLostTheLeaseCountsNoFurtherFromIt() {
    driver.lead();
    election.look();
    driver.advance(600);
    driver.read(lease(90, 2, 40), 610);
    assertThat(election.isLeading()).isFalse();
    assertThat(election.floors().version()).as("of its own take-over").isEqualTo(version(7));
  }

  /** Rule P7: an edit of the version upwards uses that number up, though it is put right. */
  @Test
  void numberThatWasRaisedByHandIsPutRightAndNeverUsed() {
    driver.lead();
    Lease committed = commit("b", 1_000, 12);
    election.look();
    driver.advance(1_100);
    driver.read(written(committed.withVersion(version(700), digest("x")), 60), 1_110);
    Lease renewal = driver.writeAt(2_600);
    assertThat(renewal.version()).isEqualTo(committed.version());
    election.onWritten(written(renewal, 61), at(2_610));
    assertThat(commit("c", 2_620, 62).version()).isEqualTo(version(701));
  }

  /** Rule P7: followers find the leader by what is on the Lease. */
  @Test
  void addressThatWasEditedByHandIsPutRight() {
    Lease held = driver.lead();
    election.look();
    driver.advance(600);
    driver.read(written(held.heldBy(replica(1), address(9), held.epoch()), 60), 610);
    assertThat(election.isLeading()).isTrue();
    assertThat(driver.writeAt(2_000).leader()).contains(address(1));
  }

  // Whose clock.

  /** Rule P4: another object with the same number is no register of ours. */
  @Test
  void writeIsNotRepeatedToAnotherObject() {
    driver.takeOver(blankLease(7));
    election.onUnresolved(at(600));
    driver.advance(850);
    assertThat(driver.read(anotherObject(blankLease(7)), 860)).isEmpty();
    assertThat(election.isUnsettled()).isFalse();
  }

  /** Rule P8: its holder has just written it. */
  @Test
  void anotherObjectStartsTheClockAnewThoughItHasTheSameNumber() {
    LeaseSight sight = new LeaseSight(lease(10, 2, 1), at(0));
    assertThat(sight.then(lease(10, 2, 1), at(4_000)).expiry()).isEqualTo(at(5_000));
    assertThat(sight.then(anotherObject(lease(10, 2, 1)), at(4_000)).expiry()).isEqualTo(at(9_000));
  }

  private static Lease anotherObject(Lease lease) {
    return new Lease(
        "another-uid",
        lease.resourceVersion(),
        lease.holder(),
        lease.duration(),
        lease.epoch(),
        lease.version(),
        lease.digest(),
        lease.nonce(),
        lease.leader(),
        lease.successors());
  }

  /** Rule P8: said twice, heard first; and an older word says nothing about the newest write. */
  @Test
  void clockOfAHintCountsFromTheFirstWordOfTheNewestWrite() {
    election.rank(List.of(replica(1)));
    election.hint(10, at(0));
    election.hint(10, at(3_000));
    election.hint(9, at(3_500));
    driver.watch(lease(10, 2, 1), 4_000);
    assertThat(driver.writeAt(5_039).holder()).contains(replica(1));
  }
}
