package dev.lockstep.local;

import dev.lockstep.local.cluster.KeyAndCertificate;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPathBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import java.util.List;
import java.util.Map;

/** The Kubernetes objects of sample applications, as their owners would write them. */
public final class SampleObjects {
  private SampleObjects() {}

  /**
   * One path of an Ingress.
   *
   * @param path a prefix
   * @param service which Service answers there, on its port named http
   */
  public record Path(String path, String service) {}

  /** {@return a namespace} */
  public static Namespace namespace(String name) {
    return new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build();
  }

  /** {@return a Service without a selector: its endpoints are written by hand} */
  public static Service service(String namespace, String name) {
    return new ServiceBuilder()
        .withMetadata(meta(namespace, name))
        .withNewSpec()
        .addNewPort()
        .withName("http")
        .withPort(80)
        .endPort()
        .endSpec()
        .build();
  }

  /** {@return a Service that is its own route, by the deis router's label and annotations} */
  public static Service routable(String namespace, String name, String domains) {
    return new ServiceBuilder(service(namespace, name))
        .editMetadata()
        .addToLabels("router.deis.io/routable", "true")
        .addToAnnotations("router.deis.io/domains", domains)
        .endMetadata()
        .build();
  }

  /**
   * Where a backend listens.
   *
   * @param addressType as in an EndpointSlice
   * @param address of that type
   * @param port on which it speaks HTTP
   */
  public record Endpoint(String addressType, String address, int port) {
    /** {@return one on this machine: the API rejects loopback addresses, but not this name} */
    public static Endpoint here(String backend, int port) {
      return new Endpoint("FQDN", backend + ".localhost", port);
    }
  }

  /** {@return the one ready endpoint of a Service, in a slice of this name} */
  public static EndpointSlice slice(
      String namespace, String name, String service, Endpoint endpoint) {
    return new EndpointSliceBuilder()
        .withMetadata(meta(namespace, name))
        .editMetadata()
        .addToLabels("kubernetes.io/service-name", service)
        .endMetadata()
        .withAddressType(endpoint.addressType)
        .addNewEndpoint()
        .withAddresses(endpoint.address)
        .withNewConditions()
        .withReady(true)
        .endConditions()
        .endEndpoint()
        .addNewPort()
        .withName("http")
        .withPort(endpoint.port)
        .endPort()
        .build();
  }

  /** {@return the endpoint of a Service; it has a slice for each of its backends} */
  public static EndpointSlice endpoint(String namespace, String service, SampleBackend backend) {
    String name = service + "-" + backend.name();
    return slice(namespace, name, service, Endpoint.here(backend.name(), backend.port()));
  }

  /** {@return an Ingress of our class for one host} */
  public static Ingress ingress(String namespace, String name, String host, Path... paths) {
    List<HTTPIngressPath> rules = List.of(paths).stream().map(SampleObjects::rule).toList();
    return new IngressBuilder()
        .withMetadata(meta(namespace, name))
        .withNewSpec()
        .withIngressClassName("lockstep")
        .addNewRule()
        .withHost(host)
        .withNewHttp()
        .withPaths(rules)
        .endHttp()
        .endRule()
        .endSpec()
        .build();
  }

  /** {@return the same Ingress with a certificate for its host} */
  public static Ingress withTls(Ingress ingress, String host, String secret) {
    return new IngressBuilder(ingress)
        .editSpec()
        .addNewTl()
        .withHosts(host)
        .withSecretName(secret)
        .endTl()
        .endSpec()
        .build();
  }

  /** {@return a TLS Secret} */
  public static Secret secret(String namespace, String name, KeyAndCertificate pair) {
    return new SecretBuilder()
        .withMetadata(meta(namespace, name))
        .withType("kubernetes.io/tls")
        .withStringData(Map.of("tls.crt", pair.certificatePem(), "tls.key", pair.privateKeyPem()))
        .build();
  }

  private static HTTPIngressPath rule(Path path) {
    return new HTTPIngressPathBuilder()
        .withPath(path.path())
        .withPathType("Prefix")
        .withNewBackend()
        .withNewService()
        .withName(path.service())
        .withNewPort()
        .withName("http")
        .endPort()
        .endService()
        .endBackend()
        .build();
  }

  private static ObjectMeta meta(String namespace, String name) {
    return new ObjectMetaBuilder().withNamespace(namespace).withName(name).build();
  }
}
