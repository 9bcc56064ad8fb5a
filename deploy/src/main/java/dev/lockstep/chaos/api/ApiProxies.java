package dev.lockstep.chaos.api;

import dev.lockstep.local.cluster.CertificateAuthority;
import dev.lockstep.local.cluster.KeyAndCertificate;
import dev.lockstep.local.cluster.Kubeconfig;
import dev.lockstep.local.cluster.Trust;
import dev.lockstep.local.process.Ports;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The proxies of all replicas, with a certificate authority of their own. Thread-safe. */
public final class ApiProxies implements AutoCloseable {
  private final Ports ports;
  private final String authority;
  private final ApiProxy.Way way;
  private final Map<String, ApiProxy> byPod = new LinkedHashMap<>(); // Guarded by this.

  /** Passes on to this API server. */
  public ApiProxies(Kubeconfig server, Ports ports) {
    this.ports = ports;
    CertificateAuthority own = CertificateAuthority.create("lockstep-chaos-proxy");
    KeyAndCertificate pair =
        own.issue("CN=api-proxy", List.of("127.0.0.1"), CertificateAuthority.Use.SERVER);
    this.authority = own.certificatePem();
    this.way = new ApiProxy.Way(Tls.server(pair), server.server(), Trust.in(server.authorityPem()));
  }

  /** {@return where a new pod finds the API server} */
  public synchronized Kubeconfig wire(String pod) {
    ApiProxy proxy = ApiProxy.start(ports.next(), way);
    byPod.put(pod, proxy);
    return new Kubeconfig(proxy.address(), authority);
  }

  /** {@return the proxy of a pod, if it has one} */
  synchronized Optional<ApiProxy> of(String pod) {
    return Optional.ofNullable(byPod.get(pod));
  }

  /** Cuts a pod off from the API server, in silence; what is returned heals it. */
  public synchronized Runnable cut(String pod) {
    ApiProxy proxy =
        of(pod).orElseThrow(() -> new IllegalArgumentException(pod + " (expected: one of ours)"));
    ApiRules.Rule silence = new ApiRules.Rule(ApiRules.Harm.SILENT, 1);
    proxy.rules().set(silence);
    return () -> proxy.rules().clear(silence);
  }

  @Override
  public synchronized void close() {
    byPod.values().forEach(ApiProxy::close);
  }
}
