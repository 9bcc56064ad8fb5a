package dev.lockstep.local;

import dev.lockstep.local.cluster.CertificateAuthority;
import dev.lockstep.local.cluster.CertificateAuthority.Use;
import dev.lockstep.local.process.Ports;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Three sample applications: a shop with two paths, the same behind TLS, and one that is routed by
 * its Service's label alone.
 */
final class Samples implements AutoCloseable {
  static final String NAMESPACE = "shop";
  static final String HOST = "shop.localhost";
  static final String SECURE_HOST = "secure.localhost";
  static final String LABELLED_HOST = "hello.localhost";

  private final List<SampleBackend> backends;

  private Samples(List<SampleBackend> backends) {
    this.backends = backends;
  }

  /**
   * What a replica must answer.
   *
   * @param scheme over TLS or in the clear
   * @param host asked for
   * @param path asked for
   * @param backends one of which must answer
   */
  record Expected(Scheme scheme, String host, String path, Set<String> backends) {}

  /** How a request is sent. */
  enum Scheme {
    HTTP,
    HTTPS
  }

  /** Starts the backends: web-1, web-2, api-1, hello-1. */
  static Samples start(Ports ports) {
    return new Samples(
        List.of(
            SampleBackend.start("web-1", ports.next()),
            SampleBackend.start("web-2", ports.next()),
            SampleBackend.start("api-1", ports.next()),
            SampleBackend.start("hello-1", ports.next())));
  }

  /** Applies the objects; returns them as the API server stored them. */
  List<HasMetadata> apply(KubernetesClient client) {
    List<HasMetadata> stored = new ArrayList<>();
    for (HasMetadata object : objects()) {
      HasMetadata applied =
          client.resource(object).fieldManager("lockstep-local").serverSideApply();
      if (!(applied instanceof Namespace)) {
        stored.add(applied);
      }
    }
    return stored;
  }

  /** {@return what every replica serves, once the objects are live} */
  List<Expected> expected() {
    return List.of(
        new Expected(Scheme.HTTP, HOST, "/", Set.of("web-1", "web-2")),
        new Expected(Scheme.HTTP, HOST, "/api/orders", Set.of("api-1")),
        new Expected(Scheme.HTTPS, SECURE_HOST, "/", Set.of("web-1", "web-2")),
        new Expected(Scheme.HTTP, LABELLED_HOST, "/", Set.of("hello-1")));
  }

  /** Stops the backends. */
  @Override
  public void close() {
    backends.forEach(SampleBackend::close);
  }

  private List<HasMetadata> objects() {
    SampleObjects.Path web = new SampleObjects.Path("/", "web");
    SampleObjects.Path api = new SampleObjects.Path("/api", "api");
    var certificate =
        CertificateAuthority.create("lockstep-sample")
            .issue("CN=" + SECURE_HOST, List.of(SECURE_HOST), Use.SERVER);
    return List.of(
        SampleObjects.namespace(NAMESPACE),
        SampleObjects.service(NAMESPACE, "web"),
        SampleObjects.endpoint(NAMESPACE, "web", backends.get(0)),
        SampleObjects.endpoint(NAMESPACE, "web", backends.get(1)),
        SampleObjects.service(NAMESPACE, "api"),
        SampleObjects.endpoint(NAMESPACE, "api", backends.get(2)),
        SampleObjects.secret(NAMESPACE, "secure-tls", certificate),
        SampleObjects.ingress(NAMESPACE, "web", HOST, web, api),
        SampleObjects.withTls(
            SampleObjects.ingress(NAMESPACE, "secure", SECURE_HOST, web),
            SECURE_HOST,
            "secure-tls"),
        SampleObjects.endpoint(NAMESPACE, "hello", backends.get(3)),
        SampleObjects.routable(NAMESPACE, "hello", LABELLED_HOST));
  }
}
