package dev.lockstep.agent.kubernetes;

import dev.lockstep.core.protocol.PodId;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.Eviction;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;

/** Makes requests to evict exactly one incarnation of a pod. */
final class Evictions {
  private Evictions() {}

  /** {@return a request that fails if the pod was made again under its name} */
  static Eviction of(String namespace, PodId pod) {
    return new EvictionBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(pod.name())
        .endMetadata()
        .withDeleteOptions(
            new DeleteOptionsBuilder()
                .withNewPreconditions()
                .withUid(pod.uid())
                .endPreconditions()
                .build())
        .build();
  }
}
