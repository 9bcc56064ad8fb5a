package dev.lockstep.e2e;

import static dev.lockstep.e2e.RealMesh.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.local.MeshQuestions.Answer;
import dev.lockstep.local.MeshQuestions.State;
import dev.lockstep.local.SampleObjects;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Replicas die, freeze and leave; the API server goes away. Promises hold, traffic flows. */
final class FaultsIT {
  @RegisterExtension static final RealMesh MESH = RealMesh.of(3);

  private static final String HOST = "steady.localhost";
  private static final SampleObjects.Path TO_WEB = new SampleObjects.Path("/", "web");
  private static final SampleObjects.Path TO_API = new SampleObjects.Path("/", "api");

  @BeforeEach
  void startWell() {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
    MESH.local().awaitReady(new Progress(System.out));
    MESH.awaitOpen(
        MESH.apply(SampleObjects.ingress(NAMESPACE, "steady", HOST, TO_WEB)), State.PRESENT);
  }

  @Test
  void aKilledLeaderIsReplacedAndTheOthersLoseNoRequest() {
    String leader = MESH.leader().orElseThrow().pod();
    long epoch = MESH.onLease("epoch");
    long version = MESH.onLease("version");
    try (SteadyClient client = SteadyClient.start(MESH.followers(), HOST, "web-1")) {
      MESH.kubelet().kill(leader);
      await().until(() -> MESH.onLease("epoch") > epoch);
      assertChangeGoesThrough("killed.localhost");
      assertThat(client.requests()).isPositive();
      assertThat(client.faults()).isEmpty();
    }
    assertThat(MESH.onLease("version")).isGreaterThan(version);
  }

  @Test
  void aPlannedStopHandsOver() {
    LocalReplica leader = MESH.leader().orElseThrow();
    long epoch = MESH.onLease("epoch");
    try (SteadyClient client = SteadyClient.start(MESH.followers(), HOST, "web-1")) {
      MESH.kubelet().add();
      MESH.kubelet().remove(leader.pod());
      assertThat(MESH.leader()).isPresent();
      assertThat(MESH.onLease("epoch")).isGreaterThan(epoch);
      assertChangeGoesThrough("planned.localhost");
      assertThat(client.faults()).isEmpty();
    }
    assertThat(MESH.replicas()).hasSize(3);
  }

  @Test
  void aPausedReplicaIsNamedThenFencedAndComesBack() {
    LocalReplica paused = MESH.followers().getFirst();
    URI leader = MESH.leader().orElseThrow().api();
    MESH.kubelet().pause(paused.pod());
    try {
      Ingress change =
          MESH.apply(SampleObjects.ingress(NAMESPACE, "paused", "paused.localhost", TO_WEB));
      Answer early = MESH.barrierAt(leader, change, State.PRESENT, Duration.ofSeconds(2));
      assertThat(early.status()).as("%s", early.body()).isEqualTo(504);
      assertThat(early.body().toString()).contains(paused.pod());

      Answer open = MESH.barrierAt(leader, change, State.PRESENT, Duration.ofSeconds(60));
      assertThat(open.open()).as("%s", open.body()).isTrue();
      assertThat(condition(paused.pod())).isEqualTo("False");
    } finally {
      MESH.kubelet().resume(paused.pod());
    }
    await().until(() -> MESH.replica(paused.pod()).ready());
    MESH.assertServed("paused.localhost", "/", "web-1");
  }

  @Test
  void withoutTheApiServerTrafficFlowsAndChangesResumeByThemselves() {
    try (SteadyClient client = SteadyClient.start(MESH.replicas(), HOST, "web-1")) {
      MESH.api().server().stop();
      int before = client.requests();
      await().until(() -> client.requests() > before + 300);
      MESH.api().server().start();
      assertChangeGoesThrough("resumed.localhost");
      assertThat(client.faults()).isEmpty();
    }
  }

  @Test
  void allRestartedWithoutTheApiServerServeTheirLastKnownGood() {
    List<LocalReplica> before = MESH.replicas();
    MESH.api().server().stop();
    try {
      before.forEach(it -> MESH.kubelet().kill(it.pod()));
      for (LocalReplica replica : before) {
        await()
            .ignoreExceptions()
            .until(() -> MESH.traffic().get(replica.http(), HOST, "/").from("web-1"));
      }
    } finally {
      MESH.api().server().start();
    }
    assertChangeGoesThrough("restarted.localhost");
  }

  @Test
  void aDeletedLeaseIsMadeAgainAndNoVersionIsUsedTwice() {
    long version = MESH.onLease("version");
    MESH.delete(MESH.lease());
    await().ignoreExceptions().until(() -> MESH.leader().isPresent());
    assertChangeGoesThrough("deleted.localhost");
    assertThat(MESH.onLease("version")).isGreaterThan(version);
  }

  /** Routes a host to one backend, then to another, each with a barrier. */
  private static void assertChangeGoesThrough(String host) {
    String name = host.substring(0, host.indexOf('.'));
    await()
        .ignoreExceptions()
        .until(
            () ->
                MESH.barrier(
                        MESH.apply(SampleObjects.ingress(NAMESPACE, name, host, TO_WEB)),
                        State.PRESENT)
                    .open());
    MESH.awaitOpen(MESH.apply(SampleObjects.ingress(NAMESPACE, name, host, TO_API)), State.PRESENT);
    for (LocalReplica replica : MESH.replicas()) {
      if (replica.ready()) {
        assertThat(MESH.traffic().get(replica.http(), host, "/").from("api-1")).isTrue();
      }
    }
  }

  private static String condition(String pod) {
    return MESH
        .client()
        .pods()
        .inNamespace("lockstep-system")
        .withName(pod)
        .require()
        .getStatus()
        .getConditions()
        .stream()
        .filter(it -> it.getType().equals("lockstep.dev/in-sync"))
        .map(it -> it.getStatus())
        .findFirst()
        .orElse("absent");
  }
}
