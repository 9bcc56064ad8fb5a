package dev.lockstep.core.lease;

import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.blankLease;
import static dev.lockstep.core.sample.Samples.digest;
import static dev.lockstep.core.sample.Samples.lease;
import static dev.lockstep.core.sample.Samples.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Lease;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of {@link Election} for a write of unknown outcome. */
final class ElectionOutcomeTest {
  private static final Effect READ = new Effect.ReadLease();

  private final LeaseDriver driver = new LeaseDriver();
  private final Election election = driver.election;

  /** Rule P3: applied, answer lost, and the transport's repetition got a conflict. */
  @Test
  void ownNonceOnTheLeaseMeansThatTheWriteHappened() {
    Lease sent = driver.takeOver(blankLease(7));
    election.onUnresolved(at(600));
    assertThat(driver.advance(849)).isEmpty();
    assertThat(driver.advance(850)).containsExactly(READ);
    List<Effect> out = new ArrayList<>();
    election.onRead(written(sent, 8), at(860), out);
    assertThat(out).isEmpty();
    assertThat(election.isLeading()).isTrue();
    assertThat(election.confirmedAt()).as("the moment of sending").isEqualTo(at(500));
  }

  /** Rule P4: the same object, the same nonce. */
  @Test
  void unmovedLeaseGetsTheIdenticalObjectAgain() {
    Lease sent = driver.takeOver(blankLease(7));
    election.onUnresolved(at(600));
    driver.advance(850);
    List<Effect> out = new ArrayList<>();
    election.onRead(blankLease(7), at(860), out);
    assertThat(out).containsExactly(new Effect.WriteLease(sent));
    assertThat(election.isLeading()).isFalse();
  }

  /** Rule P4: new content waits, though it was asked for meanwhile. */
  @Test
  void newContentWaitsUntilTheOldWriteIsSettled() {
    Lease held = driver.lead();
    Lease renewal = driver.writeAt(3_000);
    election.onUnresolved(at(3_100));
    election.propose(digest("b"));
    driver.advance(3_350);
    List<Effect> out = new ArrayList<>();
    election.onRead(held, at(3_360), out);
    assertThat(out).containsExactly(new Effect.WriteLease(renewal));
    election.onWritten(written(renewal, 20), at(3_400));
    assertThat(driver.writeAt(3_400).digest()).contains(digest("b"));
  }

  /** Rule P5: the number that was tried is tried again only because nobody has it. */
  @Test
  void movedLeaseDropsTheWriteAndKeepsTheProposal() {
    Lease held = driver.lead();
    election.propose(digest("b"));
    Lease lost = driver.writeAt(1_000);
    election.onUnresolved(at(1_100));
    driver.advance(1_350);
    List<Effect> out = new ArrayList<>();
    election.onRead(written(held, 30), at(1_360), out);
    assertThat(out).isEmpty();
    assertThat(election.isLeading()).isTrue();
    Lease again = driver.writeAt(1_360);
    assertThat(again.resourceVersion()).isEqualTo(30);
    assertThat(again.digest()).contains(digest("b"));
    assertThat(again.nonce()).isNotEqualTo(lost.nonce());
  }

  /** Rules P5 and P15: a paused leader's late write meets a Lease that has moved on. */
  @Test
  void lateWriteOfADeposedLeaderPublishesNothing() {
    driver.lead();
    election.propose(digest("b"));
    driver.advance(1_000);
    election.onUnresolved(at(90_000));
    driver.advance(91_000);
    election.onRead(lease(40, 2, 900), at(91_001), new ArrayList<>());
    assertThat(election.isLeading()).isFalse();
    assertThat(election.lastBound()).isEmpty();
    assertThat(election.canPropose()).isFalse();
  }
}
