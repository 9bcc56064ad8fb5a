package dev.lockstep.e2e;

import static dev.lockstep.e2e.RealMesh.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.local.MeshQuestions.State;
import dev.lockstep.local.SampleObjects;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who comes late, who comes back, and who meddles with the Lease. */
final class RecoveryIT {
  @RegisterExtension static final RealMesh MESH = RealMesh.of(3);

  private static final SampleObjects.Path TO_WEB = new SampleObjects.Path("/", "web");

  @BeforeEach
  void startWell() {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
    MESH.local().awaitReady(new Progress(System.out));
  }

  /** A leader that sleeps through its Lease wakes up deposed: what it still says is refused. */
  @Test
  void aStaleLeaderIsRefusedAndFollows() {
    LocalReplica stale = MESH.leader().orElseThrow();
    long epoch = MESH.onLease("epoch");
    MESH.kubelet().pause(stale.pod());
    try {
      await().until(() -> MESH.onLease("epoch") > epoch);
    } finally {
      MESH.kubelet().resume(stale.pod());
    }
    await().until(() -> MESH.replica(stale.pod()).ready());
    Ingress change = route("stale");
    await().ignoreExceptions().until(() -> MESH.barrier(change, State.PRESENT).open());
    MESH.assertServed("stale.localhost", "/", "web-1");
    assertThat(MESH.leader().orElseThrow().pod()).isNotEqualTo(stale.pod());
  }

  /** Somebody turns the numbers on the Lease back: none of them is used a second time. */
  @Test
  void aLeaseEditedByHandTakesNoNumberBack() {
    MESH.awaitOpen(route("edited"), State.PRESENT);
    long version = MESH.onLease("version");
    long epoch = MESH.onLease("epoch");
    MESH.client()
        .leases()
        .inNamespace("lockstep-system")
        .withName("lockstep")
        .patch(
            // Without resourceVersion: the leader renews meanwhile, and a person's edit wins too.
            PatchContext.of(PatchType.JSON_MERGE),
            """
            {"metadata": {"annotations":
              {"lockstep.dev/version": "1", "lockstep.dev/epoch": "1"}}}
            """);
    await().until(() -> MESH.onLease("version") >= version && MESH.onLease("epoch") >= epoch);
    await()
        .ignoreExceptions()
        .until(() -> MESH.barrier(route("edited-again"), State.PRESENT).open());
    assertThat(MESH.onLease("version")).isGreaterThan(version);
    MESH.assertServed("edited-again.localhost", "/", "web-1");
  }

  /** A replica that comes without a version gets it before it is ready. */
  @Test
  void aNewReplicaServesEverythingWhenItIsReady() {
    MESH.awaitOpen(route("joined"), State.PRESENT);
    LocalReplica joined = MESH.kubelet().add();
    try {
      await().until(() -> MESH.replica(joined.pod()).ready());
      LocalReplica ready = MESH.replica(joined.pod());
      assertThat(MESH.traffic().get(ready.http(), "joined.localhost", "/").from("web-1")).isTrue();
    } finally {
      MESH.kubelet().remove(joined.pod());
    }
  }

  /** A replica that comes back after it missed a change never serves what was before. */
  @Test
  void aRestartedReplicaIsNeverOlderThanWhatIsOpen() {
    LocalReplica restarted = MESH.followers().getFirst();
    MESH.kubelet().kill(restarted.pod());
    Ingress missed = route("missed");
    await().ignoreExceptions().until(() -> MESH.barrier(missed, State.PRESENT).open());
    await().until(() -> MESH.replica(restarted.pod()).ready());
    LocalReplica back = MESH.replica(restarted.pod());
    assertThat(MESH.traffic().get(back.http(), "missed.localhost", "/").from("web-1")).isTrue();
  }

  /** Replicas are called the same before and after a change of the leader. */
  @Test
  void namesOutliveTheLeader() {
    // A mesh that has just begun has perhaps not told its names to the pods that it is made of.
    MESH.awaitOpen(route("names"), State.PRESENT);
    // A pod that another test removed may still be waited for.
    int replicas = MESH.local().replicas().size();
    List<String> before =
        await().ignoreExceptions().until(RecoveryIT::names, it -> it.size() == replicas);
    long epoch = MESH.onLease("epoch");
    MESH.kubelet().kill(MESH.leader().orElseThrow().pod());
    await().until(() -> MESH.onLease("epoch") > epoch);
    MESH.local().awaitReady(new Progress(System.out));
    await().ignoreExceptions().until(() -> names().equals(before));
  }

  private static List<String> names() {
    return MESH.ask(MESH.leader().orElseThrow(), "/v1/replicas")
        .path("replicas")
        .valueStream()
        .map(it -> it.path("name").asText() + "=" + it.path("pod").asText())
        .sorted()
        .toList();
  }

  private static Ingress route(String name) {
    return MESH.apply(SampleObjects.ingress(NAMESPACE, name, name + ".localhost", TO_WEB));
  }
}
