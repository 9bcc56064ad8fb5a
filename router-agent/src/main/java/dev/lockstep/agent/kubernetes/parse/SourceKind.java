package dev.lockstep.agent.kubernetes.parse;

import dev.lockstep.core.config.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;

/** The kinds of Kubernetes objects that a config is made from. */
public enum SourceKind {
  INGRESS_CLASS("networking.k8s.io", "IngressClass"),
  SECRET("", "Secret"),
  ENDPOINT_SLICE("discovery.k8s.io", "EndpointSlice"),
  SERVICE("", "Service"),
  INGRESS("networking.k8s.io", "Ingress");

  private final String group;
  private final String kind;

  SourceKind(String group, String kind) {
    this.group = group;
    this.kind = kind;
  }

  /** {@return the kind of the object that the key names, if it is one of these} */
  public static Optional<SourceKind> of(ObjectKey key) {
    for (SourceKind kind : values()) {
      if (kind.group.equals(key.group()) && kind.kind.equals(key.kind())) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /** {@return the key of an object of this kind} */
  public ObjectKey key(String namespace, String name) {
    return new ObjectKey(group, kind, namespace, name);
  }

  /** {@return the key of this object of this kind; a cluster-wide one has an empty namespace} */
  public ObjectKey key(HasMetadata object) {
    String namespace = object.getMetadata().getNamespace();
    return key(namespace == null ? "" : namespace, object.getMetadata().getName());
  }
}
