package dev.lockstep.agent.kubernetes.source;

import dev.lockstep.agent.kubernetes.parse.SourceKind;
import dev.lockstep.core.config.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import java.util.function.Consumer;

/** Lists, watches and reads the objects of each kind, in all namespaces. Thread-safe. */
final class SourceClient {
  /** The only type of Secret that is ever asked for in bulk. */
  static final String TLS_SECRET = "kubernetes.io/tls";

  private final KubernetesClient client;

  SourceClient(KubernetesClient client) {
    this.client = client;
  }

  /** {@return a running reflector of all objects of this kind} */
  Reflector<?, ?> reflect(SourceKind kind, Consumer<SourceChange<? extends HasMetadata>> sink) {
    return switch (kind) {
      case INGRESS -> start(kind, client.network().v1().ingresses().inAnyNamespace(), sink);
      case INGRESS_CLASS -> start(kind, client.network().v1().ingressClasses(), sink);
      case SERVICE -> start(kind, client.services().inAnyNamespace(), sink);
      case ENDPOINT_SLICE ->
          start(kind, client.discovery().v1().endpointSlices().inAnyNamespace(), sink);
      case SECRET ->
          start(kind, client.secrets().inAnyNamespace().withField("type", TLS_SECRET), sink);
    };
  }

  private static <T extends HasMetadata, L extends KubernetesResourceList<T>> Reflector<T, L> start(
      SourceKind kind,
      FilterWatchListDeletable<T, L, ?> objects,
      Consumer<SourceChange<? extends HasMetadata>> sink) {
    return new Reflector<>(kind.name(), objects, sink::accept);
  }

  /**
   * {@return what a quorum read of this object shows} It is a list of one: unlike a read, an empty
   * list says as of when the object is not there.
   */
  Reading read(SourceKind kind, ObjectKey key) {
    KubernetesResourceList<? extends HasMetadata> list = list(kind, key);
    return new Reading(
        kind,
        key,
        list.getItems().stream().<HasMetadata>map(object -> object).findFirst(),
        ResourceVersions.ofComplete(list.getMetadata()));
  }

  private KubernetesResourceList<? extends HasMetadata> list(SourceKind kind, ObjectKey key) {
    String namespace = key.namespace();
    return switch (kind) {
      case INGRESS -> only(client.network().v1().ingresses().inNamespace(namespace), key);
      case INGRESS_CLASS -> only(client.network().v1().ingressClasses(), key);
      case SERVICE -> only(client.services().inNamespace(namespace), key);
      case ENDPOINT_SLICE ->
          only(client.discovery().v1().endpointSlices().inNamespace(namespace), key);
      case SECRET -> only(client.secrets().inNamespace(namespace), key);
    };
  }

  private static <L> L only(FilterWatchListDeletable<?, L, ?> objects, ObjectKey key) {
    return objects.withField("metadata.name", key.name()).list();
  }
}
