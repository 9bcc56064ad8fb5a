package dev.lockstep.kubernetes;

import dev.lockstep.core.protocol.PodId;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;

/** Makes pods that look like those of the mesh. Nothing runs in them: there is no kubelet. */
final class Pods {
  private static final Map<String, String> LABELS = Map.of("app.kubernetes.io/name", "lockstep");

  private final KubernetesClient admin;
  private final String namespace;

  Pods(KubernetesClient admin, String namespace) {
    this.admin = admin;
    this.namespace = namespace;
  }

  /** {@return a new pod of the mesh} */
  PodId create(String name) {
    return id(admin.resource(pod(name, LABELS)).create());
  }

  /** {@return a new pod of somebody else} */
  PodId createForeign(String name) {
    return id(admin.resource(pod(name, Map.of("app", "other"))).create());
  }

  void delete(String name) {
    admin.pods().inNamespace(namespace).withName(name).withGracePeriod(0).delete();
  }

  Pod get(String name) {
    return admin.pods().inNamespace(namespace).withName(name).get();
  }

  private static PodId id(Pod pod) {
    return new PodId(pod.getMetadata().getName(), pod.getMetadata().getUid());
  }

  private Pod pod(String name, Map<String, String> labels) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .withServiceAccountName("lockstep")
        .withAutomountServiceAccountToken(false)
        .addNewReadinessGate("lockstep.dev/in-sync")
        .addNewContainer()
        .withName("router")
        .withImage("router")
        .endContainer()
        .endSpec()
        .build();
  }
}
