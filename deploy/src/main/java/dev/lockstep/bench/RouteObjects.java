package dev.lockstep.bench;

import dev.lockstep.bench.load.FixedBackend;
import dev.lockstep.local.SampleObjects;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;

/** The objects of a benchmark, and where the API server keeps them. */
final class RouteObjects {
  static final String NAMESPACE = "lockstep-bench";

  private static final String INGRESSES =
      "/apis/networking.k8s.io/v1/namespaces/" + NAMESPACE + "/ingresses";
  private static final String LEASES =
      "/apis/coordination.k8s.io/v1/namespaces/" + NAMESPACE + "/leases";
  private static final String COMPARED = "compared";

  private RouteObjects() {}

  /**
   * One Ingress with one host.
   *
   * @param name of the object, and the first label of its host
   */
  record Route(String name) {
    String host() {
      return name + ".bench.example";
    }

    String path() {
      return INGRESSES + "/" + name;
    }

    /** {@return the Ingress that leads there} */
    String json(String backend) {
      return Serialization.asJson(
          SampleObjects.ingress(NAMESPACE, name, host(), new SampleObjects.Path("/", backend)));
    }
  }

  /** {@return the path at which Ingresses are created} */
  static String ingresses() {
    return INGRESSES;
  }

  /** {@return namespace, and Services with their endpoints} */
  static List<HasMetadata> ground(FixedBackend first, FixedBackend second) {
    return List.of(
        SampleObjects.namespace(NAMESPACE),
        SampleObjects.service(NAMESPACE, first.name()),
        SampleObjects.service(NAMESPACE, second.name()),
        endpoint(first),
        endpoint(second));
  }

  /** {@return the path at which Leases are created} */
  static String leases() {
    return LEASES;
  }

  /** {@return the path of the Lease whose PUT is what ours is compared with} */
  static String comparedLease() {
    return LEASES + "/" + COMPARED;
  }

  /** {@return that Lease; without a resourceVersion it can be created only} */
  static String comparedLease(String resourceVersion, int turn) {
    return Serialization.asJson(
        new LeaseBuilder()
            .withNewMetadata()
            .withNamespace(NAMESPACE)
            .withName(COMPARED)
            .withResourceVersion(resourceVersion.isEmpty() ? null : resourceVersion)
            .addToAnnotations("lockstep.dev/turn", Integer.toString(turn))
            .endMetadata()
            .withNewSpec()
            .withHolderIdentity("bench")
            .endSpec()
            .build());
  }

  private static HasMetadata endpoint(FixedBackend backend) {
    SampleObjects.Endpoint endpoint = SampleObjects.Endpoint.here(backend.name(), backend.port());
    return SampleObjects.slice(NAMESPACE, backend.name(), backend.name(), endpoint);
  }
}
