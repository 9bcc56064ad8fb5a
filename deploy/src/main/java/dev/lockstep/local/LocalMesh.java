package dev.lockstep.local;

import dev.lockstep.local.cluster.Kubeconfig;
import dev.lockstep.local.cluster.Manifest;
import dev.lockstep.local.kubelet.Kubelet;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.kubelet.SharedPorts;
import dev.lockstep.local.kubelet.Wiring;
import dev.lockstep.local.process.Await;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A mesh of router processes on this machine, in a cluster to which the manifest was applied: its
 * Deployment's replicas run as processes, with its ServiceAccount. Thread-safe.
 */
public final class LocalMesh implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(60);
  private static final int TOO_MANY_RESTARTS = 5;
  private static final int REQUEST_TIMEOUT_MILLIS = 5_000;

  private final KubernetesClient client;
  private final Kubelet kubelet;

  private LocalMesh(KubernetesClient client, Kubelet kubelet) {
    this.client = client;
    this.kubelet = kubelet;
  }

  /**
   * What a mesh is made from.
   *
   * @param manifest what was applied; its Deployment is what runs
   * @param kubeconfig an administrator's
   * @param server where the replicas find the API server
   * @param host what they take from this machine
   * @param shared ports on which all of them listen
   * @param arguments further arguments of each agent
   * @param wiring what stands between the replicas and the rest
   */
  public record Settings(
      Manifest manifest,
      Path kubeconfig,
      Kubeconfig server,
      Kubelet.Host host,
      SharedPorts shared,
      List<String> arguments,
      Wiring wiring) {
    /** With nothing in between. */
    public Settings(
        Manifest manifest,
        Path kubeconfig,
        Kubeconfig server,
        Kubelet.Host host,
        SharedPorts shared,
        List<String> arguments) {
      this(manifest, kubeconfig, server, host, shared, arguments, Wiring.direct());
    }

    /** {@return a plain mesh in this cluster: no shared ports, no arguments, nothing in between} */
    public static Settings in(LocalCluster cluster, Kubelet.Host host) {
      return new Settings(
          cluster.manifest(),
          cluster.kubeconfig(),
          cluster.server(),
          host,
          SharedPorts.none(),
          List.of());
    }

    /** {@return the same, with ports on which all replicas listen} */
    Settings sharing(SharedPorts all) {
      return new Settings(manifest, kubeconfig, server, host, all, arguments, wiring);
    }

    /** {@return the same, with this in between, and with these further arguments} */
    public Settings wired(Wiring between, String... further) {
      return new Settings(manifest, kubeconfig, server, host, shared, List.of(further), between);
    }
  }

  /** {@return a mesh of this many replicas, none of which may be ready yet} */
  public static LocalMesh start(Settings settings, int replicas) {
    KubernetesClient client = client(settings.kubeconfig, "lockstep-local");
    Kubelet.Settings kubelet =
        new Kubelet.Settings(
            settings.manifest.deployment(),
            settings.server,
            settings.host,
            settings.shared,
            settings.arguments,
            settings.wiring);
    KubernetesClient own = client(settings.kubeconfig, "lockstep-kubelet");
    return new LocalMesh(client, Kubelet.start(kubelet, own, replicas));
  }

  /** {@return an administrator of the cluster, without retries} */
  public KubernetesClient client() {
    return client;
  }

  /** {@return what runs the replicas} */
  public Kubelet kubelet() {
    return kubelet;
  }

  /** {@return the replicas as they are now} */
  public List<LocalReplica> replicas() {
    return kubelet.replicas();
  }

  /** {@return the address of a replica to ask questions} */
  public URI anyApi() {
    return replicas().getFirst().api();
  }

  /** Waits until every replica is Ready: the leader let it in, and it answers. */
  public void awaitReady(Progress progress) {
    progress.during("waiting for the replicas", this::readiness, this::pollReady);
  }

  /** Stops the replicas. */
  @Override
  public void close() {
    kubelet.close();
    client.close();
  }

  private String readiness() {
    long ready = replicas().stream().filter(LocalReplica::ready).count();
    return "(" + ready + " of " + replicas().size() + " ready)";
  }

  private boolean pollReady() throws InterruptedException {
    Await.until(READY, () -> "all replicas are ready " + readiness(), this::allReady);
    return true;
  }

  private boolean allReady() {
    List<LocalReplica> now = replicas();
    for (LocalReplica replica : now) {
      if (replica.restarts() >= TOO_MANY_RESTARTS) {
        throw new IllegalStateException(
            "replica " + replica.pod() + ": ends again and again (its log says why)");
      }
    }
    return !now.isEmpty() && now.stream().allMatch(LocalReplica::ready);
  }

  private static KubernetesClient client(Path kubeconfig, String userAgent) {
    Config config = Config.fromKubeconfig(kubeconfig.toFile());
    config.setUserAgent(userAgent);
    config.setRequestRetryBackoffLimit(0);
    config.setRequestTimeout(REQUEST_TIMEOUT_MILLIS);
    return new KubernetesClientBuilder().withConfig(config).build();
  }
}
