package dev.lockstep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.local.cluster.ApiServer;
import dev.lockstep.local.cluster.Manifest;
import dev.lockstep.local.kubelet.Kubelet;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.kubelet.SharedPorts;
import dev.lockstep.local.process.Ports;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the API server and the processes see of the kubelet that local mode plays. */
@ExtendWith(RealApi.Shared.class)
final class KubeletIT {
  private static final String NAMESPACE = "lockstep-system";

  @TempDir private Path folder;
  private RealApi api;
  private Ports ports;
  private Kubelet kubelet;
  private LocalReplica replica;

  @BeforeEach
  void startOneReplica(RealApi shared) throws IOException {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(20));
    api = shared;
    Path file = RealApi.root().resolve("deploy/lockstep.yaml");
    Manifest manifest = Manifest.read(file, api.client());
    manifest.apply(api.client());
    ports = Ports.open(RandomGenerator.getDefault());
    Kubelet.Settings settings =
        new Kubelet.Settings(
            manifest.deployment(),
            api.server().kubeconfigForServer(),
            new Kubelet.Host(StandIn.launcher(folder), folder, api.children(), ports),
            SharedPorts.none(),
            List.of());
    kubelet = Kubelet.start(settings, api.server().administrator("lockstep-kubelet"), 1);
    replica = kubelet.replicas().getFirst();
    await().until(() -> condition("ContainersReady").equals("True"));
    replica = kubelet.replicas().getFirst();
  }

  @AfterEach
  void removeIt() {
    kubelet.removeAll();
    kubelet.close();
    ports.close();
  }

  @Test
  void aPodIsReadyOnlyOnceItsGateIsOpen() {
    assertThat(condition("Ready")).isEqualTo("False");
    openGate();
    await().until(() -> condition("Ready").equals("True"));
    assertThat(kubelet.replicas().getFirst().ready()).isTrue();
  }

  @Test
  void aDeadProcessIsReportedAndStartedAgainInItsPod() {
    openGate();
    await().until(() -> condition("Ready").equals("True"));
    kubelet.kill(replica.pod());
    await().until(() -> container().getState().getTerminated() != null);
    assertThat(container().getState().getTerminated().getExitCode()).isEqualTo(137);
    assertThat(condition("Ready")).isEqualTo("False");
    await().until(() -> condition("Ready").equals("True"));
    assertThat(container().getRestartCount()).isEqualTo(1);
    assertThat(container().getLastState().getTerminated().getExitCode()).isEqualTo(137);
    LocalReplica again = kubelet.replicas().getFirst();
    assertThat(again.pod()).isEqualTo(replica.pod());
    assertThat(again.api()).isEqualTo(replica.api());
    assertThat(again.pid()).isNotEqualTo(replica.pid());
    // The leader's condition is nobody else's.
    assertThat(condition("lockstep.dev/in-sync")).isEqualTo("True");
  }

  @Test
  void ofALostPodNothingIsReportedUntilItIsBack() {
    openGate();
    await().until(() -> condition("Ready").equals("True"));
    kubelet.lose(replica.pod());
    kubelet.kill(replica.pod());
    await().until(() -> kubelet.replicas().getFirst().pid().isEmpty());
    // As long as a kubelet that looks takes to tell of an end and to start the next process.
    await()
        .during(Duration.ofSeconds(2))
        .until(() -> condition("Ready").equals("True") && container().getRestartCount() == 0);
    kubelet.recover(replica.pod());
    await().until(() -> container().getRestartCount() == 1 && condition("Ready").equals("True"));
  }

  @Test
  void aPausedReplicaIsNotReadyUntilItGoesOn() {
    openGate();
    await().until(() -> condition("Ready").equals("True"));
    kubelet.pause(replica.pod());
    await().until(() -> condition("Ready").equals("False"));
    kubelet.resume(replica.pod());
    await().until(() -> condition("Ready").equals("True"));
    assertThat(container().getRestartCount()).isZero();
  }

  @Test
  void aDeletedPodIsReplacedByAnother() {
    api.client().pods().inNamespace(NAMESPACE).withName(replica.pod()).delete();
    await()
        .until(() -> kubelet.replicas().stream().noneMatch(it -> it.pod().equals(replica.pod())));
    await().until(() -> kubelet.replicas().size() == 1);
    assertThat(api.client().pods().inNamespace(NAMESPACE).withName(replica.pod()).get()).isNull();
    assertThat(ProcessHandle.of(replica.pid().orElseThrow())).isEmpty();
  }

  @Test
  void anEvictionIsGrantedOnlyWithinTheBudget() {
    var pod = api.client().pods().inNamespace(NAMESPACE).withName(replica.pod());
    LocalReplica second = kubelet.add();
    // Nobody is ready, and one of two may be missing: none may go.
    await().until(() -> expectedPods() == 2);
    assertThat(pod.evict()).isFalse();
    for (LocalReplica each : List.of(replica, second)) {
      openGate(each.pod());
    }
    await().until(() -> kubelet.replicas().stream().allMatch(LocalReplica::ready));
    await().until(pod::evict);
    await()
        .until(() -> kubelet.replicas().stream().noneMatch(it -> it.pod().equals(replica.pod())));
    await().until(() -> kubelet.replicas().size() == 2);
  }

  @Test
  void itGoesOnAfterTheApiServerWasAway() {
    openGate();
    await().until(() -> condition("Ready").equals("True"));
    api.server().stop();
    try {
      // What it would tell the API server changes while nobody listens.
      kubelet.kill(replica.pod());
      await().until(() -> kubelet.replicas().getFirst().restarts() == 1);
    } finally {
      api.server().start();
    }
    await().until(() -> condition("Ready").equals("True"));
    api.client().pods().inNamespace(NAMESPACE).withName(replica.pod()).delete();
    await()
        .until(
            () ->
                kubelet.replicas().size() == 1
                    && !kubelet.replicas().getFirst().pod().equals(replica.pod()));
  }

  @Test
  void aPlannedRemovalLeavesNothing() {
    LocalReplica second = kubelet.add();
    kubelet.remove(second.pod());
    assertThat(kubelet.replicas()).extracting(LocalReplica::pod).doesNotContain(second.pod());
    assertThat(api.client().pods().inNamespace(NAMESPACE).withName(second.pod()).get()).isNull();
  }

  @Test
  void theApiTokenIsTheServiceAccountsAndBoundToThePod() {
    try (KubernetesClient agent =
        ApiServer.administrator(files().resolve("kubeconfig"), "stand-in")) {
      var user = agent.resource(new SelfSubjectReview()).create().getStatus().getUserInfo();
      assertThat(user.getUsername()).isEqualTo("system:serviceaccount:lockstep-system:lockstep");
      assertThat(user.getExtra())
          .contains(Map.entry("authentication.kubernetes.io/pod-name", List.of(replica.pod())));
      assertThatThrownBy(() -> agent.pods().inNamespace("default").list())
          .isInstanceOfSatisfying(
              KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(403));
    }
  }

  @Test
  void theMeshTokenIsForTheMeshAlone() throws IOException {
    String token = Files.readString(files().resolve("mesh-token"));
    assertThat(review(token, "lockstep.dev/mesh").getStatus().getAuthenticated()).isTrue();
    assertThat(review(token, "https://kubernetes.default.svc").getStatus().getAuthenticated())
        .isNotEqualTo(true);
  }

  private TokenReview review(String token, String audience) {
    return api.client()
        .tokenReviews()
        .create(
            new TokenReviewBuilder()
                .withNewSpec()
                .withToken(token)
                .withAudiences(audience)
                .endSpec()
                .build());
  }

  private Path files() {
    return folder.resolve("pods").resolve(replica.pod());
  }

  private int expectedPods() {
    return api.client()
        .policy()
        .v1()
        .podDisruptionBudget()
        .inNamespace(NAMESPACE)
        .withName("lockstep")
        .require()
        .getStatus()
        .getExpectedPods();
  }

  private void openGate() {
    openGate(replica.pod());
  }

  private void openGate(String pod) {
    api.client()
        .pods()
        .inNamespace(NAMESPACE)
        .withName(pod)
        .patchReadinessGateStatus(Map.of("lockstep.dev/in-sync", true));
  }

  private Pod pod() {
    return api.client().pods().inNamespace(NAMESPACE).withName(replica.pod()).require();
  }

  private String condition(String type) {
    return pod().getStatus().getConditions().stream()
        .filter(it -> it.getType().equals(type))
        .map(PodCondition::getStatus)
        .findFirst()
        .orElse("absent");
  }

  private ContainerStatus container() {
    return pod().getStatus().getContainerStatuses().getFirst();
  }
}
