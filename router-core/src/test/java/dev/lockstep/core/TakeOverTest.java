package dev.lockstep.core;

import static dev.lockstep.core.ReplicaDriver.only;
import static dev.lockstep.core.sample.Samples.address;
import static dev.lockstep.core.sample.Samples.config;
import static dev.lockstep.core.sample.Samples.hello;
import static dev.lockstep.core.sample.Samples.lease;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a new leader makes of what it holds, and of what the Lease names. */
final class TakeOverTest {
  private static final Pod.Condition IN = Pod.Condition.IN_SYNC;
  private static final Pod.Condition OUT = Pod.Condition.NOT_IN_SYNC;

  private static final LinkId LINK = new LinkId(1L << 32);

  private final ReplicaDriver driver = new ReplicaDriver();

  @Test
  void newLeaderStartsFromWhatItHoldsIfTheLeaseNamesIt() {
    Snapshot held = snapshot(7, "a");
    driver.stepAt(0, new Event.Started(Optional.of(held)));
    driver.step(new Event.Installed(held.version()));
    Lease free = lease(20, 2, 5).withVersion(held.version(), held.digest()).released();
    driver.step(new Event.LeaseRead(free));
    driver.confirmWrite();
    assertThat(only(Effect.StartSources.class, driver.all)).as("not before the list").isEmpty();
    assertThat(committed()).isEqualTo(Version.NONE);
    List<Effect> effects =
        driver.step(new Event.PodsListed(driver.epochNow(), List.of(pod(1, 9, IN, 4))));
    assertThat(committed()).isEqualTo(held.version());
    assertThat(effects)
        .contains(new Effect.StartSources(driver.epochNow(), config("a")))
        .contains(new Effect.Admit(Effect.Admission.ACCEPT));
  }

  /** Rules P10, P47: somebody may have put an old Lease back; who was not in sync knows nothing. */
  @Test
  void newLeaderThatWasNotInSyncCommitsAnewBeforeItServes() {
    Snapshot held = snapshot(7, "a");
    driver.stepAt(0, new Event.Started(Optional.of(held)));
    driver.step(new Event.Installed(held.version()));
    driver.step(
        new Event.LeaseRead(lease(20, 2, 5).withVersion(held.version(), held.digest()).released()));
    driver.confirmWrite();
    List<Effect> effects =
        driver.step(new Event.PodsListed(driver.epochNow(), List.of(pod(1, 9, OUT, 4))));
    assertThat(effects).doesNotContain(new Effect.Admit(Effect.Admission.ACCEPT));
    assertThat(committed()).isEqualTo(Version.NONE);
    Lease next = driver.commit(config("a"));
    assertThat(next.version()).isGreaterThan(held.version());
    driver.step(new Event.Installed(next.version()));
    assertThat(driver.all).contains(new Effect.Admit(Effect.Admission.ACCEPT));
  }

  /** Rule P52: it says who owns a host, and what was good last. */
  @Test
  void newLeaderFetchesWhatTheLeaseNamesFromAFollowerThatHoldsIt() {
    Snapshot named = snapshot(7, "a");
    List<Effect> begun = leadWithout(named, pod(2, 8, IN, 4));
    assertThat(only(Effect.StartSources.class, begun)).isEmpty();
    driver.step(new Event.FollowerConnected(LINK, podId(2)));
    List<Effect> asked = driver.step(new Event.Received(LINK, hello(2, named)));
    assertThat(only(Effect.FetchSnapshot.class, asked))
        .containsExactly(
            new Effect.FetchSnapshot(named.version(), named.digest(), List.of(address(2))));
    assertThat(driver.step(new Event.SnapshotFetched(named)))
        .contains(new Effect.StartSources(driver.epochNow(), config("a")))
        .noneMatch(Effect.Install.class::isInstance);
  }

  /** Rule P52: somebody put an old Lease back; who is in sync holds what was open since. */
  @Test
  void newLeaderFetchesWhatIsNewerThanTheLease() {
    leadWithout(snapshot(7, "a"), pod(2, 8, IN, 4));
    driver.step(new Event.FollowerConnected(LINK, podId(2)));
    Snapshot newer = snapshot(9, "b");
    List<Effect> asked = driver.step(new Event.Received(LINK, hello(2, newer)));
    assertThat(asked)
        .contains(new Effect.FetchSnapshot(newer.version(), newer.digest(), List.of(address(2))));
  }

  /** Rule P52: what it holds may be older than what was open since it was fenced. */
  @Test
  void newLeaderTakesNothingFromAFollowerThatIsOutOfSync() {
    Snapshot named = snapshot(7, "a");
    leadWithout(named, pod(2, 8, OUT, 4));
    driver.step(new Event.FollowerConnected(LINK, podId(2)));
    assertThat(driver.step(new Event.Received(LINK, hello(2, named))))
        .contains(new Effect.StartSources(driver.epochNow(), RouterConfig.EMPTY));
  }

  /** Rule P52. */
  @Test
  void failedFetchIsTriedAgain() {
    Snapshot named = snapshot(7, "a");
    leadWithout(named, pod(2, 8, IN, 4));
    driver.step(new Event.FollowerConnected(LINK, podId(2)));
    driver.step(new Event.Received(LINK, hello(2, named)));
    driver.step(new Event.SnapshotFetchFailed(named.version(), named.digest(), "refused"));
    List<Effect> later = driver.passTo(driver.now + 400);
    assertThat(only(Effect.FetchSnapshot.class, later)).hasSize(1);
    assertThat(only(Effect.StartSources.class, driver.all)).isEmpty();
  }

  /** Rule P52: who has nothing cannot be asked, and is not waited for. */
  @Test
  void newLeaderStartsFromNothingWhenNobodyHoldsWhatTheLeaseNames() {
    leadWithout(snapshot(7, "a"), pod(2, 8, IN, 4));
    driver.step(new Event.FollowerConnected(LINK, podId(2)));
    List<Effect> heard = driver.step(new Event.Received(LINK, hello(2, Snapshot.NONE)));
    assertThat(heard).contains(new Effect.StartSources(driver.epochNow(), RouterConfig.EMPTY));
  }

  /** Rule P52. */
  @Test
  void newLeaderDoesNotWaitForEver() {
    leadWithout(snapshot(7, "a"), pod(2, 8, IN, 4));
    Effect fromNothing = new Effect.StartSources(driver.epochNow(), RouterConfig.EMPTY);
    long begun = driver.now;
    assertThat(driver.passTo(begun + 4_900)).doesNotContain(fromNothing);
    assertThat(driver.passTo(begun + 5_100)).contains(fromNothing);
    assertThat(driver.passTo(begun + 10_100)).doesNotContain(fromNothing);
  }

  /** Rule P52. */
  @Test
  void aloneItDoesNotWaitAtAll() {
    List<Effect> begun = leadWithout(snapshot(7, "a"));
    assertThat(begun).contains(new Effect.StartSources(driver.epochNow(), RouterConfig.EMPTY));
  }

  /** Starts with an empty disk, and takes a Lease that names this. */
  private List<Effect> leadWithout(Snapshot named, Pod... others) {
    driver.lead(lease(20, 2, 5).withVersion(named.version(), named.digest()).released());
    List<Pod> pods = new ArrayList<>(List.of(others));
    pods.add(pod(1, 9, OUT, 4));
    driver.step(new Event.PodsListed(driver.epochNow(), pods));
    return driver.all;
  }

  private Version committed() {
    return driver.replica.view().leadership().orElseThrow().committed();
  }
}
