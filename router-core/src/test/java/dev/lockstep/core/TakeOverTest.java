package dev.lockstep.core;

import static dev.lockstep.core.sample.Samples.config;
import static dev.lockstep.core.sample.Samples.lease;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.Pod;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a new leader makes of what it holds, and of what the Lease names. */
final class TakeOverTest {
  private static final Pod.Condition IN = Pod.Condition.IN_SYNC;
  private static final Pod.Condition OUT = Pod.Condition.NOT_IN_SYNC;

  private final ReplicaDriver driver = new ReplicaDriver();

  @Test
  void newLeaderStartsFromWhatItHoldsIfTheLeaseNamesIt() {
    Snapshot held = snapshot(7, "a");
    driver.stepAt(0, new Event.Started(Optional.of(held)));
    driver.step(new Event.Installed(held.version()));
    Lease free = lease(20, 2, 5).withVersion(held.version(), held.digest()).released();
    driver.step(new Event.LeaseRead(free));
    driver.confirmWrite();
    assertThat(driver.all).contains(new Effect.StartSources(driver.epochNow(), config("a")));
    assertThat(committed()).isEqualTo(Version.NONE);
    List<Effect> effects =
        driver.step(new Event.PodsListed(driver.epochNow(), List.of(pod(1, 9, IN, 4))));
    assertThat(committed()).isEqualTo(held.version());
    assertThat(effects).contains(new Effect.Admit(Effect.Admission.ACCEPT));
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

  private Version committed() {
    return driver.replica.view().leadership().orElseThrow().committed();
  }
}
