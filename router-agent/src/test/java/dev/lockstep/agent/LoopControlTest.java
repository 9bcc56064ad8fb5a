package dev.lockstep.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Replica;
import dev.lockstep.core.ReplicaView.Readiness;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Timings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a running machine and its data plane say together. */
class LoopControlTest {
  private static final Snapshot HELD = Snapshot.of(new Version(7), RouterConfig.EMPTY);
  private static final PodId OWN = new PodId("router-1", "uid1");
  private static final Address ADDRESS =
      new Address(
          "https://10.0.0.1:7443",
          "pin",
          "http://10.0.0.1:80",
          "https://10.0.0.1:443",
          "http://10.0.0.1:8080");

  private final CompletableFuture<Void> decided = new CompletableFuture<>();
  private final CompletableFuture<Throwable> failed = new CompletableFuture<>();
  private final AtomicBoolean takesRequests = new AtomicBoolean();
  private final ReplicaLoop loop =
      new ReplicaLoop(
          Replica.create(
              new Identity(new ReplicaId("router-1", "boot1"), OWN, ADDRESS, "test"),
              Timings.STANDARD),
          this::note,
          failed::complete);
  private final LoopControl control =
      new LoopControl(loop, takesRequests::get, List::of, new Questions(loop), new Notices());

  @AfterEach
  void stop() {
    loop.stop();
  }

  private void note(Effect effect) {
    if (effect.equals(new Effect.Admit(Effect.Admission.ACCEPT))) {
      decided.complete(null);
    }
  }

  private static Lease namingWhatIsHeld() {
    return new Lease(
            "lease-uid",
            20,
            Optional.empty(),
            Duration.ofSeconds(5),
            Epoch.NONE,
            HELD.version(),
            Optional.of(HELD.digest()),
            "",
            Optional.empty(),
            List.of())
        .heldBy(new ReplicaId("router-2", "boot2"), ADDRESS, new Epoch(5));
  }

  private static Pod inSync() {
    return new Pod(
        OWN,
        9,
        Pod.Condition.IN_SYNC,
        new Epoch(5),
        Version.NONE,
        "",
        Pod.Process.RUNNING,
        Pod.Phase.PRESENT,
        Pod.Gate.PRESENT,
        "node");
  }

  /** Rule P47. */
  @Test
  void readyIsWhoHasDecidedSoWhenAllEventLoopsDoSo() throws Exception {
    loop.submit(new Event.Started(Optional.of(HELD)));
    loop.submit(new Event.Installed(HELD.version()));
    loop.submit(new Event.LeaseRead(namingWhatIsHeld()));
    takesRequests.set(true);
    assertThat(control.readiness()).isEqualTo(Readiness.SYNCING);
    takesRequests.set(false);
    loop.start();
    loop.submit(new Event.PodSeen(inSync()));
    decided.get(20, TimeUnit.SECONDS);
    assertThat(control.view().readiness()).isEqualTo(Readiness.READY);
    assertThat(control.readiness()).isEqualTo(Readiness.SYNCING);
    takesRequests.set(true);
    assertThat(control.readiness()).isEqualTo(Readiness.READY);
    assertThat(failed).isNotDone();
  }
}
