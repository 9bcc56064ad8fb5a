package dev.lockstep.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.bench.load.FixedBackend;
import dev.lockstep.local.LocalCluster;
import dev.lockstep.local.LocalMesh;
import dev.lockstep.local.MeshQuestions;
import dev.lockstep.local.cluster.ApiServer;
import dev.lockstep.local.cluster.AuditLog;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.process.Children;
import dev.lockstep.local.process.Parts;
import dev.lockstep.local.process.Ports;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * A mesh of its own for one benchmark: a real API server, router processes with the manifest's
 * ServiceAccount, two backends. Closed in the opposite order of its start, by whoever comes first:
 * the end of the program or Ctrl-C.
 */
final class BenchMesh implements AutoCloseable {
  private static final Duration QUESTION = Duration.ofSeconds(5);

  private final Progress progress;
  private final Path folder;
  private final Parts parts;
  private boolean keepFolder; // Guarded by this.

  private BenchMesh(Progress progress, Path folder) {
    this.progress = progress;
    this.folder = folder;
    this.parts = new Parts(progress);
  }

  /**
   * What is up.
   *
   * @param server the API server
   * @param mesh the replicas, all of them ready
   * @param questions asks them
   */
  record Started(ApiServer server, LocalMesh mesh, MeshQuestions questions) {
    List<LocalReplica> replicas() {
      return mesh.replicas();
    }

    AuditLog audit() {
      return server.audit();
    }

    /** {@return the pod of the leader; empty text while there is none} */
    String leader() {
      JsonNode answer = questions.get(mesh.anyApi(), "/v1/replicas", QUESTION).body();
      for (JsonNode replica : answer.path("replicas")) {
        if (replica.path("role").asText().equals("leader")) {
          return replica.path("pod").asText();
        }
      }
      return "";
    }
  }

  /** {@return a mesh of which nothing is started yet} */
  static BenchMesh create(Progress progress) {
    try {
      return new BenchMesh(progress, Files.createTempDirectory("lockstep-bench-"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it, from the sources' root folder, with so many replicas. */
  Started start(Path root, int replicas) {
    Children children = parts.keep(Children.open());
    Ports ports = parts.keep(Ports.open(RandomGenerator.getDefault()));
    LocalCluster.Means means = new LocalCluster.Means(root, folder, children, ports, progress);
    LocalCluster.Own cluster = parts.keep(LocalCluster.own(means, System.getenv()));
    FixedBackend first = parts.keep(FixedBackend.start(Change.FIRST_BACKEND, ports.next()));
    FixedBackend second = parts.keep(FixedBackend.start(Change.SECOND_BACKEND, ports.next()));
    create(cluster.apiServer(), RouteObjects.ground(first, second));
    LocalMesh mesh =
        parts.keep(LocalMesh.start(LocalMesh.Settings.in(cluster, means.host()), replicas));
    mesh.awaitReady(progress);
    progress.say(replicas + " replicas ready");
    return new Started(cluster.apiServer(), mesh, parts.keep(new MeshQuestions()));
  }

  /** Leaves logs in place, and says where. */
  synchronized Path keepFolder() {
    keepFolder = true;
    return folder;
  }

  @Override
  public synchronized void close() {
    parts.close();
    if (!keepFolder) {
      delete();
    }
  }

  private static void create(ApiServer server, List<HasMetadata> objects) {
    try (KubernetesClient client = server.administrator("lockstep-bench")) {
      objects.forEach(object -> client.resource(object).create());
    }
  }

  private void delete() {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }
}
