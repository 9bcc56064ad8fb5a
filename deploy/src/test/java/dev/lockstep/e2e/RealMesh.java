package dev.lockstep.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.local.LocalMesh;
import dev.lockstep.local.MeshQuestions;
import dev.lockstep.local.MeshQuestions.Answer;
import dev.lockstep.local.MeshQuestions.State;
import dev.lockstep.local.SampleBackend;
import dev.lockstep.local.SampleObjects;
import dev.lockstep.local.TrafficClient;
import dev.lockstep.local.cluster.Manifest;
import dev.lockstep.local.kubelet.Kubelet;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.kubelet.SharedPorts;
import dev.lockstep.local.process.Ports;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A mesh of real router processes on an API server of its own, for the tests of one class:
 *
 * <pre>{@code
 * @RegisterExtension static final RealMesh mesh = RealMesh.of(3);
 * }</pre>
 *
 * <p>There are two sample applications behind it, {@code web} and {@code api}, in the namespace
 * {@code shop}, without a route. Confined to the test's thread.
 */
final class RealMesh implements BeforeAllCallback, AfterAllCallback {
  static final String NAMESPACE = "shop";
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Supplier<MeshCluster> clusters;
  private final int replicas;
  private final List<AutoCloseable> parts = new ArrayList<>();
  private final TrafficClient traffic = new TrafficClient();
  private @Nullable Started started; // Null before the first test.

  private RealMesh(Supplier<MeshCluster> clusters, int replicas) {
    this.clusters = clusters;
    this.replicas = replicas;
  }

  /** What runs. */
  private record Started(
      MeshCluster cluster, LocalMesh mesh, MeshQuestions questions, Ports ports, Path folder) {}

  private Started started() {
    if (started == null) {
      throw new IllegalStateException("mesh: not started (expected: within a test)");
    }
    return started;
  }

  /** {@return a mesh of this many replicas, started before the tests of the class} */
  static RealMesh of(int replicas) {
    return new RealMesh(RealApi::start, replicas);
  }

  /** {@return a mesh of this many replicas on a cluster that is found before the first test} */
  static RealMesh on(Supplier<MeshCluster> clusters, int replicas) {
    return new RealMesh(clusters, replicas);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    Path launcher = RealApi.root().resolve("router-agent/target/dist/bin/lockstep");
    if (!Files.isExecutable(launcher)) {
      throw new IllegalStateException(launcher + ": not built (expected: by mvn package)");
    }
    MeshCluster cluster = keep(clusters.get());
    Ports ports = keep(Ports.open(RandomGenerator.getDefault()));
    Path folder = RealApi.newFolder("mesh-");
    Manifest manifest = cluster.apply(RealApi.root().resolve("deploy/lockstep.yaml"));
    LocalMesh.Settings settings =
        new LocalMesh.Settings(
            manifest,
            cluster.kubeconfig(),
            cluster.forReplicas(),
            new Kubelet.Host(launcher, folder, cluster.children(), ports),
            SharedPorts.none(),
            List.of());
    LocalMesh mesh = keep(LocalMesh.start(settings, replicas));
    if (cluster.outlivesTheTests()) {
      keep(() -> mesh.kubelet().removeAll());
    }
    MeshQuestions questions = keep(new MeshQuestions());
    started = new Started(cluster, mesh, questions, ports, folder);
    applyApplications();
    mesh.awaitReady(new Progress(System.out));
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    for (AutoCloseable part : parts.reversed()) {
      part.close();
    }
  }

  /** {@return the API server, if it is one of our own} */
  RealApi api() {
    if (started().cluster instanceof RealApi api) {
      return api;
    }
    throw new IllegalStateException("cluster: somebody else's (expected: RealMesh.of)");
  }

  KubernetesClient client() {
    return started().cluster.client();
  }

  Kubelet kubelet() {
    return started().mesh.kubelet();
  }

  LocalMesh local() {
    return started().mesh;
  }

  TrafficClient traffic() {
    return traffic;
  }

  /** {@return the folder with the logs and the files of the pods} */
  Path folder() {
    return started().folder;
  }

  List<LocalReplica> replicas() {
    return started().mesh.replicas();
  }

  /** {@return the replica of this pod as it is now} */
  LocalReplica replica(String pod) {
    return replicas().stream().filter(it -> it.pod().equals(pod)).findFirst().orElseThrow();
  }

  Lease lease() {
    return client().leases().inNamespace("lockstep-system").withName("lockstep").require();
  }

  /** {@return an annotation of the Lease under our own prefix, as a number} */
  long onLease(String annotation) {
    return Long.parseLong(lease().getMetadata().getAnnotations().get("lockstep.dev/" + annotation));
  }

  /** {@return the pod that the Lease names as the leader's, if it is one of ours} */
  Optional<LocalReplica> leader() {
    String holder = lease().getSpec().getHolderIdentity();
    return replicas().stream()
        .filter(it -> holder != null && holder.startsWith(it.pod() + "/"))
        .findFirst();
  }

  List<LocalReplica> followers() {
    LocalReplica leader = leader().orElseThrow();
    return replicas().stream().filter(it -> !it.pod().equals(leader.pod())).toList();
  }

  /** {@return a new backend, stopped after the tests of the class} */
  SampleBackend backend(String name) {
    return keep(SampleBackend.start(name, started().ports.next()));
  }

  /** Writes an object; returns it as the API server stored it. */
  <T extends HasMetadata> T apply(T object) {
    return client()
        .resource(object)
        .fieldManager("lockstep-e2e")
        .forceConflicts()
        .serverSideApply();
  }

  /** Deletes an object. */
  void delete(HasMetadata object) {
    client().resource(object).delete();
  }

  /** {@return the mesh's answer, asked at any replica} */
  Answer barrier(HasMetadata object, State state) {
    return barrier(object, state, PATIENCE);
  }

  Answer barrier(HasMetadata object, State state, Duration timeout) {
    return barrierAt(started().mesh.anyApi(), object, state, timeout);
  }

  /** {@return the answer of one replica: a paused one would give none} */
  Answer barrierAt(URI api, HasMetadata object, State state, Duration timeout) {
    return started().questions.barrier(api, object, state, timeout);
  }

  /** Waits until the object is live or gone everywhere, and fails if the mesh does not say so. */
  void awaitOpen(HasMetadata object, State state) {
    Answer answer = barrier(object, state);
    assertThat(answer.open()).as("%s: %s", answer.status(), answer.body()).isTrue();
  }

  /** {@return the answer of one replica's API} */
  JsonNode ask(LocalReplica replica, String path) {
    return started().questions.get(replica.api(), path, PATIENCE).body();
  }

  /** {@return what every replica answers, in the clear, over new connections} */
  List<TrafficClient.Answer> everywhere(String host, String path) {
    return replicas().stream().map(it -> traffic.get(it.http(), host, path)).toList();
  }

  /** {@return what every replica answers over TLS, with its certificate} */
  List<TrafficClient.Answer> everywhereSecure(String host) {
    return replicas().stream().map(it -> traffic.get(it.https(), host, "/")).toList();
  }

  /** Fails unless every replica answers from this backend. */
  void assertServed(String host, String path, String backend) {
    assertThat(everywhere(host, path))
        .allSatisfy(it -> assertThat(it.from(backend)).as("%s", it).isTrue());
  }

  /** Fails unless every replica answers with this status. */
  void assertStatus(String host, int status) {
    assertThat(everywhere(host, "/"))
        .allSatisfy(it -> assertThat(it.status()).as("%s", it).isEqualTo(status));
  }

  private void applyApplications() {
    apply(SampleObjects.namespace(NAMESPACE));
    for (String service : List.of("web", "api")) {
      apply(SampleObjects.service(NAMESPACE, service));
      apply(SampleObjects.endpoint(NAMESPACE, service, backend(service + "-1")));
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    parts.add(part);
    return part;
  }
}
