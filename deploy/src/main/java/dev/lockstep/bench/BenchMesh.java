package dev.lockstep.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.bench.load.FixedBackend;
import dev.lockstep.local.LocalCluster;
import dev.lockstep.local.LocalMesh;
import dev.lockstep.local.MeshQuestions;
import dev.lockstep.local.cluster.ApiServer;
import dev.lockstep.local.cluster.AuditLog;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.process.Place;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A mesh of its own for one benchmark: a real API server, router processes with the manifest's
 * ServiceAccount, two backends.
 */
final class BenchMesh {
  private static final Duration QUESTION = Duration.ofSeconds(5);

  private BenchMesh() {}

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

  /** Starts it in this place, from the sources' root folder, with so many replicas. */
  static Started start(Place place, Path root, int replicas) {
    LocalCluster.Means means = LocalCluster.Means.in(place, root);
    LocalCluster.Own cluster = place.keep(LocalCluster.own(means, System.getenv()));
    FixedBackend first = place.keep(FixedBackend.start(Change.FIRST_BACKEND, means.ports().next()));
    FixedBackend second =
        place.keep(FixedBackend.start(Change.SECOND_BACKEND, means.ports().next()));
    create(cluster.apiServer(), RouteObjects.ground(first, second));
    LocalMesh mesh =
        place.keep(LocalMesh.start(LocalMesh.Settings.in(cluster, means.host()), replicas));
    mesh.awaitReady(place.progress());
    place.progress().say(replicas + " replicas ready");
    return new Started(cluster.apiServer(), mesh, place.keep(new MeshQuestions()));
  }

  private static void create(ApiServer server, List<HasMetadata> objects) {
    try (KubernetesClient client = server.administrator("lockstep-bench")) {
      objects.forEach(object -> client.resource(object).create());
    }
  }
}
