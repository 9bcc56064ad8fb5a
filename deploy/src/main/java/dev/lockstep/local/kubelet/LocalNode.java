package dev.lockstep.local.kubelet;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The Node that the replicas' pods are bound to: this machine. Its taint keeps other pods away.
 * Confined to the kubelet's own thread.
 */
final class LocalNode {
  static final String NAME = "lockstep-local";

  /** A real cluster gives a silent node 40 s. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  private final KubernetesClient client;
  private long nextHeartbeat;

  LocalNode(KubernetesClient client) {
    this.client = client;
  }

  void create() {
    Node node =
        new NodeBuilder()
            .withNewMetadata()
            .withName(NAME)
            .addToLabels("kubernetes.io/hostname", NAME)
            .addToLabels("node.kubernetes.io/exclude-from-external-load-balancers", "true")
            .endMetadata()
            .withNewSpec()
            .addNewTaint()
            .withKey("lockstep.dev/local")
            .withEffect("NoSchedule")
            .endTaint()
            .endSpec()
            .build();
    client.resource(node).fieldManager("lockstep-local").forceConflicts().serverSideApply();
    beat();
  }

  /** Says that the node is there, from time to time. */
  void beatIfDue() {
    if (System.nanoTime() < nextHeartbeat) {
      return;
    }
    try {
      beat();
    } catch (KubernetesClientException e) {
      // The API server is away; the next turn says it again.
      nextHeartbeat = System.nanoTime() + Duration.ofSeconds(1).toNanos();
    }
  }

  void delete() {
    client.nodes().withName(NAME).delete();
  }

  private void beat() {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    String patch =
        """
        {"status": {"conditions": [{"type": "Ready", "status": "True", "reason": "LocalMode",
          "message": "lockstep local mode", "lastHeartbeatTime": "%s"}],
          "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}]}}
        """
            .formatted(now);
    client
        .nodes()
        .withName(NAME)
        .subresource("status")
        .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch);
    nextHeartbeat = System.nanoTime() + HEARTBEAT.toNanos();
  }
}
