package dev.lockstep.local.kubelet;

import io.fabric8.kubernetes.api.model.Pod;

/**
 * Which pod: a name can be used again, a uid cannot.
 *
 * @param namespace its namespace
 * @param name its name
 * @param uid its uid
 */
record PodName(String namespace, String name, String uid) {
  static PodName of(Pod pod) {
    return new PodName(
        pod.getMetadata().getNamespace(), pod.getMetadata().getName(), pod.getMetadata().getUid());
  }

  boolean names(Pod pod) {
    return equals(of(pod));
  }
}
