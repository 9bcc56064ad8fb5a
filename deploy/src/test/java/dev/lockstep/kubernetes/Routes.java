package dev.lockstep.kubernetes;

import dev.lockstep.core.config.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;

/** Writes the objects that routes are made from, and tells their resourceVersions. */
final class Routes {
  private final KubernetesClient admin;
  private final String namespace;

  Routes(KubernetesClient admin, String namespace) {
    this.admin = admin;
    this.namespace = namespace;
  }

  static ObjectKey ingressKey(String namespace, String name) {
    return new ObjectKey("networking.k8s.io", "Ingress", namespace, name);
  }

  /** {@return the host that belongs to the test alone} */
  String host(String label) {
    return label + "." + namespace + ".test";
  }

  /** Writes an Ingress for the host of this label. {@return its resourceVersion} */
  long ingress(String name, String label, String service) {
    return apply(
        """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: %s, namespace: %s}
        spec:
          ingressClassName: lockstep
          rules:
          - host: %s
            http:
              paths:
              - {path: /, pathType: Prefix, backend: {service: {name: %s, port: {number: 80}}}}
        """
            .formatted(name, namespace, host(label), service));
  }

  /** Writes a Service and a slice of it with this address. {@return the slice's resourceVersion} */
  long service(String name, String address) {
    apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: %s, namespace: %s}
        spec: {ports: [{name: http, port: 80}]}
        """
            .formatted(name, namespace));
    return apply(
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: %s, namespace: %s, labels: {kubernetes.io/service-name: %s}}
        addressType: IPv4
        ports: [{name: http, port: 8080}]
        endpoints: [{addresses: ["%s"]}]
        """
            .formatted(name, namespace, name, address));
  }

  /** Writes a labelled Service with a whitelist. {@return its resourceVersion} */
  long app(String name, String whitelist) {
    return apply(
        """
        apiVersion: v1
        kind: Service
        metadata:
          name: %s
          namespace: %s
          labels: {router.deis.io/routable: "true"}
          annotations: {router.deis.io/domains: "%s", router.deis.io/whitelist: "%s"}
        spec: {ports: [{name: http, port: 80}]}
        """
            .formatted(name, namespace, host(name), whitelist));
  }

  void delete(String kind, String name) {
    var core = admin.genericKubernetesResources("networking.k8s.io/v1", kind);
    core.inNamespace(namespace).withName(name).delete();
  }

  /** Writes the object, whether or not it was there. {@return its resourceVersion} */
  long apply(String yaml) {
    HasMetadata written = admin.resource(yaml).forceConflicts().serverSideApply();
    return Long.parseLong(written.getMetadata().getResourceVersion());
  }
}
