package dev.lockstep.core;

import static dev.lockstep.core.ReplicaDriver.only;
import static dev.lockstep.core.sample.Samples.address;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.config;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.lease;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When a replica may serve after a start or a pause: each of the four ways, and not before. */
final class GatekeeperTest {
  private static final Snapshot V7 = snapshot(7, "a");
  private static final Effect ACCEPT = new Effect.Admit(Effect.Admission.ACCEPT);
  private static final Effect REFUSE = new Effect.Admit(Effect.Admission.REFUSE);

  private final ReplicaDriver driver = new ReplicaDriver();

  private static Lease naming(Snapshot newest) {
    return lease(20, 2, 5).withVersion(newest.version(), newest.digest());
  }

  private static Event own(Pod.Condition condition) {
    return new Event.PodSeen(pod(1, 9, condition, 5));
  }

  /** Starts with V7 on disk, which the data plane then has. */
  private List<Effect> restart() {
    List<Effect> effects = driver.stepAt(0, new Event.Started(Optional.of(V7)));
    driver.step(new Event.Installed(V7.version()));
    return effects;
  }

  private boolean isOpen() {
    return driver.replica.view().readiness() == ReplicaView.Readiness.READY;
  }

  @Test
  void startReadsTheLeaseAndItsOwnPodAndServesNothing() {
    assertThat(restart())
        .containsExactly(
            new Effect.ReadPod(podId(1)),
            new Effect.Install(V7, Optional.empty()),
            new Effect.ReadLease());
    assertThat(isOpen()).isFalse();
  }

  // The Lease names what is served, and the own pod is in sync.

  /** Rule P47. */
  @Test
  void opensWhenTheLeaseNamesWhatIsServedAndItsPodIsInSync() {
    restart();
    assertThat(driver.step(new Event.LeaseRead(naming(V7)))).doesNotContain(ACCEPT);
    assertThat(driver.step(own(Pod.Condition.IN_SYNC))).contains(ACCEPT);
  }

  /** Rule P47: fenced, it may be anything but current in a moment. */
  @Test
  void staysClosedWhileItsPodIsOutOfSync() {
    restart();
    driver.step(new Event.LeaseRead(naming(V7)));
    assertThat(driver.step(own(Pod.Condition.NOT_IN_SYNC))).doesNotContain(ACCEPT);
  }

  /** Rule P47. */
  @Test
  void staysClosedWhenTheLeaseNamesSomethingElse() {
    for (Snapshot other : List.of(snapshot(8, "a"), snapshot(7, "b"), snapshot(6, "a"))) {
      GatekeeperTest fresh = new GatekeeperTest();
      fresh.restart();
      fresh.driver.step(own(Pod.Condition.IN_SYNC));
      fresh.driver.step(new Event.LeaseRead(naming(other)));
      assertThat(fresh.isOpen()).as(other.toString()).isFalse();
    }
  }

  /** Rule P47: known, but not served yet. */
  @Test
  void staysClosedUntilTheDataPlaneServes() {
    driver.stepAt(0, new Event.Started(Optional.of(V7)));
    driver.step(new Event.LeaseRead(naming(V7)));
    assertThat(driver.step(own(Pod.Condition.IN_SYNC))).doesNotContain(ACCEPT);
    assertThat(driver.step(new Event.Installed(V7.version()))).contains(ACCEPT);
  }

  // The leader counts it.

  private void connect(Snapshot current) {
    driver.step(new Event.LeaseRead(naming(current)));
    LinkId link = new LinkId(1);
    driver.step(new Event.LeaderConnected(link));
    Message welcome =
        new Message.Welcome(
            epoch(5), "router1", current.version(), current.digest(), List.of(address(2)));
    driver.step(new Event.Received(link, welcome));
  }

  /** Rule P47: the leader has counted it before it said welcome. */
  @Test
  void opensWhenItsLeaderWelcomedItAndItIsInStep() {
    restart();
    connect(V7);
    assertThat(isOpen()).isTrue();
  }

  /** Rule P47: behind its leader it fetches first, however long that takes. */
  @Test
  void syncsFirstWhenItsLeaderHasNewer() {
    restart();
    Snapshot newer = snapshot(8, "b");
    connect(newer);
    assertThat(isOpen()).isFalse();
    assertThat(driver.step(new Event.SnapshotFetched(newer)))
        .contains(new Effect.Install(newer, Optional.of(V7.version())));
    assertThat(isOpen()).isFalse();
    assertThat(driver.step(new Event.Installed(newer.version()))).contains(ACCEPT);
  }

  // Nobody can be reached.

  /** Rule P47. */
  @Test
  void opensAfterTheDrainTimeWithoutContact() {
    restart();
    driver.step(new Event.LeaseReadFailed("refused"));
    for (long millis = 500; millis < 10_000; millis += 500) {
      assertThat(driver.stepAt(millis, new Event.TimePassed())).doesNotContain(ACCEPT);
      driver.stepAt(millis + 1, new Event.LeaseReadFailed("refused"));
    }
    assertThat(driver.stepAt(10_000, new Event.TimePassed())).contains(ACCEPT);
  }

  /** Rule P47: with nothing in hand there is nothing to open for. */
  @Test
  void neverOpensWithoutAConfig() {
    driver.stepAt(0, new Event.Started(Optional.empty()));
    driver.step(new Event.LeaseReadFailed("refused"));
    for (long millis = 500; millis < 30_000; millis += 500) {
      driver.stepAt(millis, new Event.TimePassed());
      driver.stepAt(millis + 1, new Event.LeaseReadFailed("refused"));
    }
    assertThat(only(Effect.Admit.class, driver.all)).isEmpty();
  }

  // It leads.

  /** Rule P47: the leader opens with the first version that it binds. */
  @Test
  void leaderOpensWhenItServesWhatTheLeaseNames() {
    driver.leadWith();
    Lease bound = driver.commit(config("a"));
    assertThat(isOpen()).isFalse();
    assertThat(driver.step(new Event.Installed(bound.version()))).contains(ACCEPT);
  }

  // Pauses.

  /** Rule P48. */
  @Test
  void gapBetweenTwoStepsClosesAndJoinsAgain() {
    restart();
    connect(V7);
    List<Effect> effects = driver.stepAt(driver.now + 10_000, new Event.TimePassed());
    assertThat(effects)
        .contains(
            REFUSE,
            new Effect.Disconnect(new LinkId(1), "this replica was paused"),
            new Effect.ReadPod(podId(1)));
    assertThat(isOpen()).isFalse();
  }

  /** Rule P48: the event loops noticed it first. */
  @Test
  void pauseOnTheRequestPathClosesToo() {
    restart();
    connect(V7);
    assertThat(driver.step(new Event.LoopPaused())).contains(REFUSE);
    assertThat(isOpen()).isFalse();
  }

  /** Rule P48: what was learned before the pause opens nothing after it. */
  @Test
  void knowledgeFromBeforeThePauseIsForgotten() {
    restart();
    driver.step(new Event.LeaseRead(naming(V7)));
    driver.step(own(Pod.Condition.IN_SYNC));
    assertThat(isOpen()).isTrue();
    driver.step(new Event.LoopPaused());
    assertThat(isOpen()).isFalse();
    driver.step(own(Pod.Condition.IN_SYNC));
    assertThat(isOpen()).as("the Lease has not been read since").isFalse();
  }

  /** Rule P48: no silence of our own can be taken for a pause. */
  @Test
  void awakeReplicaStepsAtLeastTwicePerFenceTime() {
    restart();
    driver.step(new Event.LeaseReadFailed("refused"));
    for (int i = 0; i < 200; i++) {
      long due = driver.replica.nextDeadline().since(at(0)).toMillis();
      assertThat(due - driver.now).isLessThanOrEqualTo(5_000);
      driver.stepAt(Math.max(due, driver.now + 1), new Event.TimePassed());
    }
  }

  // Isolation.

  /** Rule P49: never later than the leader fences, and once. */
  @Test
  void isolatedReplicaRetiresItsConnectionsOnceAndServesOn() {
    restart();
    connect(V7);
    List<Effect> effects = new ArrayList<>(driver.step(new Event.LinkLost(new LinkId(1), "cut")));
    effects.addAll(driver.passTo(driver.now + 12_000));
    assertThat(only(Effect.RetireConnections.class, effects)).hasSize(1);
    assertThat(effects).doesNotContain(REFUSE);
  }

  /** Rule P49: its leader counts from what an earlier run sent, which may be a fence time ago. */
  @Test
  void whoOpensWithoutALeaderKeepsNoConnection() {
    restart();
    driver.step(new Event.LeaseRead(naming(V7)));
    List<Effect> effects = driver.step(own(Pod.Condition.IN_SYNC));
    assertThat(effects).contains(ACCEPT);
    assertThat(only(Effect.RetireConnections.class, effects)).hasSize(1);
    assertThat(only(Effect.RetireConnections.class, driver.passTo(driver.now + 12_000)))
        .as("once")
        .isEmpty();
  }

  /** Rule P49. */
  @Test
  void fencedReplicaRetiresItsConnections() {
    restart();
    connect(V7);
    Message fenced =
        new Message.HeartbeatReply(
            epoch(5),
            1,
            V7.version(),
            V7.digest(),
            Message.Standing.FENCED,
            Message.ApiAccess.CONFIRMED,
            20,
            List.of());
    List<Effect> effects = driver.step(new Event.Received(new LinkId(1), fenced));
    assertThat(only(Effect.RetireConnections.class, effects)).hasSize(1);
    assertThat(effects).doesNotContain(REFUSE);
    assertThat(driver.step(new Event.Received(new LinkId(1), fenced)))
        .as("once per fence")
        .noneMatch(Effect.RetireConnections.class::isInstance);
    assertThat(driver.step(new Event.LinkLost(new LinkId(1), "cut")))
        .as("silence is no admission: connections must not stay")
        .doesNotContain(ACCEPT);
  }
}
