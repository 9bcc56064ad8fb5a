package dev.lockstep.core.membership;

import static dev.lockstep.core.membership.SetDriver.CURRENT;
import static dev.lockstep.core.membership.SetDriver.EPOCH;
import static dev.lockstep.core.membership.SetDriver.admission;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.hello;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.snapshot;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is not let in, though it says all that is asked for. */
final class AdmissionTest {
  private static final Pod.Condition OUT = Pod.Condition.NOT_IN_SYNC;
  private static final Pod POD = pod(2, 7, OUT, EPOCH);

  private final SetDriver driver = new SetDriver();
  private final InSyncSet set = driver.set;

  /** Rule P34: the link is what lasts, and a word over another one is none. */
  @Test
  void whoHasNoLinkIsNotAdmitted() {
    driver.list(0, POD);
    set.onServed(podId(2), CURRENT, at(0));
    set.onChecked(podId(2), at(0));
    assertThat(driver.advance(0)).isEmpty();
  }

  /** Rule P34: there is nothing yet that it could have acked. */
  @Test
  void nobodyIsAdmittedBeforeAnythingIsCommitted() {
    set.onListed(List.of(pod(1, 1, OUT, EPOCH), POD), at(0));
    driver.say(2, 0);
    set.onChecked(podId(2), at(0));
    List<Effect> out = new ArrayList<>();
    set.advance(Version.NONE, at(0), out);
    assertThat(out).isEmpty();
  }

  /** Rules P34 and P37: it would be taken out again at once. */
  @Test
  void whoIsLeavingIsNotAdmitted() {
    driver.list(0, POD);
    driver.join(2, 0);
    set.onBye(podId(2));
    assertThat(driver.advance(0)).isEmpty();
  }

  /** Rules P18 and P34: what is newest here is not the newest of all, as a pod tells. */
  @Test
  void nobodyIsAdmittedBelowAVersionThatAPodWasWrittenUnder() {
    Pod newer =
        new Pod(
            podId(3),
            8,
            OUT,
            POD.stamp(),
            version(11),
            "",
            Pod.Process.RUNNING,
            Pod.Phase.PRESENT,
            Pod.Gate.PRESENT,
            "node");
    driver.list(0, POD, newer);
    driver.join(2, 0);
    assertThat(driver.advance(0)).isEmpty();
    assertThat(writesUnder(version(11), version(11))).hasSize(1);
  }

  /** Rules P18 and P34: nor below what a replica holds. */
  @Test
  void nobodyIsAdmittedBelowAVersionThatAReplicaHolds() {
    driver.list(0, POD);
    set.onHello(new LinkId(3), hello(3, snapshot(11, "a")), at(0));
    driver.join(2, 0);
    assertThat(driver.advance(0)).doesNotContain(admission(POD, 2));
    assertThat(writesUnder(version(11), version(11))).hasSize(1);
  }

  private List<Effect> writesUnder(Version committed, Version acked) {
    set.onServed(podId(2), acked, at(1));
    List<Effect> out = new ArrayList<>();
    set.advance(committed, at(1), out);
    return out.stream().filter(Effect.WritePod.class::isInstance).toList();
  }

  /** Rule P28: an admission that may have landed is not undone by a loss of the link. */
  @Test
  void admissionUnderWayIsNotGivenUp() {
    driver.list(0, POD);
    driver.join(2, 0);
    assertThat(driver.advance(0)).containsExactly(admission(POD, 2));
    driver.lose(2);
    assertThat(driver.advance(1)).containsExactly(SetDriver.probe(2));
    assertThat(driver.member(2).isAdmitted()).isTrue();
  }

  /** Rule P37: nothing is written to what does not exist. */
  @Test
  void podThatIsGoneIsNotWrittenTo() {
    driver.list(0, SetDriver.inSync(1));
    set.onGone(podId(2), at(1));
    assertThat(driver.advance(1)).isEmpty();
    assertThat(driver.member(2).isAdmitted()).isFalse();
  }

  /** Rule P40: without it there is nobody to ask, so it is waited for whatever its pod says. */
  @Test
  void leaderItselfNeverStopsCounting() {
    set.onListed(List.of(pod(1, 1, OUT, EPOCH)), at(0));
    List<Effect> out = new ArrayList<>();
    set.advance(Version.NONE, at(90_000), out);
    assertThat(out).as("and nobody fences it").isEmpty();
    assertThat(driver.member(1).isCounted()).isTrue();
    assertThat(set.nextDeadline(at(90_000))).isEqualTo(NanoTime.NEVER);
  }
}
