package dev.lockstep.agent.kubernetes;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import okhttp3.OkHttpClient;

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

  /** A list can be long; a call that takes longer than this hangs. */
  private static final Duration LONGEST_CALL = Duration.ofSeconds(60);

  /** How often a watch is asked whether its connection is alive. */
  private static final Duration PING_PERIOD = Duration.ofSeconds(10);

  /** What a watch may bring. A search for every kind there is would cost half a second. */
  private static final List<Class<? extends KubernetesResource>> WATCHED =
      List.of(
          Pod.class,
          Service.class,
          Secret.class,
          Ingress.class,
          IngressClass.class,
          EndpointSlice.class,
          Status.class);

  static Clients connect(KubernetesSettings settings) {
    KubernetesSerialization serialization = new KubernetesSerialization(new ObjectMapper(), false);
    WATCHED.forEach(serialization::registerKubernetesResource);
    Config origin = origin(settings.kubeconfig());
    origin.setUserAgent("lockstep-agent/" + settings.pod());
    return new Clients(
        client(config(origin, LEASE_TIMEOUT), LEASE_TIMEOUT, serialization),
        client(config(origin, GENERAL_TIMEOUT), LONGEST_CALL, serialization));
  }

  @Override
  public void close() {
    lease.close();
    general.close();
  }

  private static Config config(Config origin, Duration timeout) {
    Config config =
        new ConfigBuilder(origin)
            .withRequestRetryBackoffLimit(0)
            .withRequestTimeout((int) timeout.toMillis())
            .withConnectionTimeout((int) timeout.toMillis())
            // The reflector reconnects: it alone knows from which resourceVersion.
            .withWatchReconnectLimit(0)
            .withWebsocketPingInterval(PING_PERIOD.toMillis())
            // HTTP/2 would keep sending over one dead connection; HTTP/1.1 drops it at a time-out.
            .withHttp2Disable(true)
            .build();
    config.setUserAgent(origin.getUserAgent());
    return config;
  }

  private static KubernetesClient client(
      Config config, Duration longestCall, KubernetesSerialization serialization) {
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withKubernetesSerialization(serialization)
        .withHttpClientFactory(new Transport(longestCall))
        .build();
  }

  /** OkHttp without its own second attempts, and with an end to every call. */
  private static final class Transport extends OkHttpClientFactory {
    private final Duration longestCall;

    Transport(Duration longestCall) {
      this.longestCall = longestCall;
    }

    @Override
    protected void additionalConfig(OkHttpClient.Builder builder) {
      builder.retryOnConnectionFailure(false).callTimeout(longestCall);
    }
  }

  private static Config origin(Optional<Path> kubeconfig) {
    return kubeconfig
        .map(path -> Config.fromKubeconfig(path.toFile()))
        .orElseGet(() -> Config.autoConfigure(null));
  }
}
