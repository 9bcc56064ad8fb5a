package dev.lockstep.agent.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The two ways to the API server: one for the Lease alone, so that nothing queues before a renewal,
 * and one for the rest. Neither repeats a request by itself: a replayed write comes back as a
 * conflict with oneself, and whether to try again is decided elsewhere.
 *
 * @param lease for the Lease alone
 * @param general for everything else
 */
record Clients(KubernetesClient lease, KubernetesClient general) implements AutoCloseable {
  static final Duration LEASE_TIMEOUT = Duration.ofSeconds(1);
  static final Duration GENERAL_TIMEOUT = Duration.ofSeconds(10);

  static Clients connect(KubernetesSettings settings) {
    return new Clients(client(settings, LEASE_TIMEOUT), client(settings, GENERAL_TIMEOUT));
  }

  @Override
  public void close() {
    lease.close();
    general.close();
  }

  private static KubernetesClient client(KubernetesSettings settings, Duration timeout) {
    Config config =
        new ConfigBuilder(origin(settings.kubeconfig()))
            .withRequestRetryBackoffLimit(0)
            .withRequestTimeout((int) timeout.toMillis())
            .withConnectionTimeout((int) timeout.toMillis())
            // The reflector reconnects: it alone knows from which resourceVersion.
            .withWatchReconnectLimit(0)
            // HTTP/2 would keep sending over one dead connection; HTTP/1.1 drops it at a time-out.
            .withHttp2Disable(true)
            .build();
    config.setUserAgent("lockstep-agent/" + settings.pod());
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  private static Config origin(Optional<Path> kubeconfig) {
    return kubeconfig
        .map(path -> Config.fromKubeconfig(path.toFile()))
        .orElseGet(() -> Config.autoConfigure(null));
  }
}
