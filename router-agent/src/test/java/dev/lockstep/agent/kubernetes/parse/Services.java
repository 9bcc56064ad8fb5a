package dev.lockstep.agent.kubernetes.parse;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.Map;

/** Makes Services that ask to be routed. */
final class Services {
  private Services() {}

  /** {@return a labelled Service {@code shop/web} with port 80 and these annotations} */
  static Service with(Map<String, String> annotations) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withNamespace("shop")
        .withName("web")
        .withUid("uid")
        .withResourceVersion("5")
        .withCreationTimestamp("2026-01-01T00:00:00Z")
        .addToLabels(RoutableServiceParser.LABEL, "true")
        .withAnnotations(annotations)
        .endMetadata()
        .withNewSpec()
        .addNewPort()
        .withName("http")
        .withPort(80)
        .endPort()
        .endSpec()
        .build();
  }
}
