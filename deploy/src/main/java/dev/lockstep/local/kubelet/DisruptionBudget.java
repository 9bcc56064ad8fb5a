package dev.lockstep.local.kubelet;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;

/**
 * Keeps the status of the manifest's PodDisruptionBudget, as the disruption controller does:
 * without it the API server refuses every eviction. Confined to the kubelet's own thread.
 */
final class DisruptionBudget {
  private final KubernetesClient client;
  private final String namespace;
  private final String name;
  private String reported = "";

  /** The budget has the Deployment's name. */
  DisruptionBudget(KubernetesClient client, Deployment deployment) {
    this.client = client;
    this.namespace = deployment.getMetadata().getNamespace();
    this.name = deployment.getMetadata().getName();
  }

  /** Tells how many replicas may be evicted now, if that has changed. */
  void report(int wanted, List<LocalReplica> replicas) {
    long healthy = replicas.stream().filter(LocalReplica::ready).count();
    // maxUnavailable is 1 in the manifest.
    int least = Math.max(0, wanted - 1);
    String counts =
        """
        "expectedPods": %d, "currentHealthy": %d, "desiredHealthy": %d, "disruptionsAllowed": %d\
        """
            .formatted(wanted, healthy, least, Math.max(0, healthy - least));
    if (counts.equals(reported)) {
      return;
    }
    try {
      Resource<PodDisruptionBudget> budget =
          client.policy().v1().podDisruptionBudget().inNamespace(namespace).withName(name);
      PodDisruptionBudget now = budget.get();
      if (now == null) {
        return; // Somebody deleted it: then there is no budget to keep.
      }
      long generation = now.getMetadata().getGeneration();
      String patch = "{\"status\": {\"observedGeneration\": " + generation + ", " + counts + "}}";
      budget.subresource("status").patch(PatchContext.of(PatchType.JSON_MERGE), patch);
      reported = counts;
    } catch (KubernetesClientException e) {
      reported = ""; // The API server is away: said again at the next turn.
    }
  }
}
