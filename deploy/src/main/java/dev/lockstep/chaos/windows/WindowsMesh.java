package dev.lockstep.chaos.windows;

import dev.lockstep.bench.load.FixedBackend;
import dev.lockstep.chaos.api.ApiProxies;
import dev.lockstep.chaos.link.LinkProxies;
import dev.lockstep.chaos.oracle.Fates;
import dev.lockstep.chaos.oracle.Journal;
import dev.lockstep.chaos.oracle.Reach;
import dev.lockstep.chaos.oracle.Versions;
import dev.lockstep.chaos.oracle.Violations;
import dev.lockstep.local.LocalMesh;
import dev.lockstep.local.cluster.ApiServer;
import dev.lockstep.local.cluster.BinaryFinder;
import dev.lockstep.local.cluster.BinarySources;
import dev.lockstep.local.cluster.Manifest;
import dev.lockstep.local.kubelet.Kubelet;
import dev.lockstep.local.kubelet.SharedPorts;
import dev.lockstep.local.kubelet.Wiring;
import dev.lockstep.local.process.Children;
import dev.lockstep.local.process.Ports;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One mesh of a size: API server, proxies, replicas, clients. Closed in the opposite order of its
 * start, by whoever comes first: the end of its trials or Ctrl-C.
 */
final class WindowsMesh implements AutoCloseable {
  private static final int REQUEST_TIMEOUT_MILLIS = 3_000;

  private final Progress progress;
  private final Path folder;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>(); // Guarded by this.
  private boolean closed; // Guarded by this.

  /** Starts nothing yet; everything of the mesh goes to this folder. */
  WindowsMesh(Progress progress, Path folder) {
    this.progress = progress;
    this.folder = folder;
  }

  /**
   * What is up.
   *
   * @param mesh the replicas, all of them ready
   * @param routes writes the changes
   * @param strikes makes troubles
   * @param calm knows when all is well
   * @param lease sees every version
   * @param clients send requests all the time
   * @param violations version numbers that stood for two configs
   */
  record Started(
      LocalMesh mesh,
      Routes routes,
      Strikes strikes,
      Calm calm,
      LeaseLog lease,
      SteadyClients clients,
      Violations violations) {}

  /** What stands between the replicas and the rest. */
  private record Between(LinkProxies links, ApiProxies apis) {
    Wiring wiring() {
      return (pod, plain) -> {
        Wiring.Wires linked = links.wire(pod, plain);
        return new Wiring.Wires(apis.wire(pod), linked.mesh(), linked.api(), plain.environment());
      };
    }
  }

  /** Starts it, with so many replicas. */
  Started start(Path root, int replicas) {
    Children children = keep(Children.open());
    Ports ports = keep(Ports.open(RandomGenerator.getDefault()));
    ApiServer server = startServer(root, children, ports);
    Journal journal = keep(Journal.open(folder.resolve("journal.log")));
    Between between =
        new Between(
            keep(new LinkProxies(ports)),
            keep(new ApiProxies(server.kubeconfigForServer(), ports)));
    Routes routes =
        keep(
            new Routes(
                client(server, "lockstep-writer"),
                keep(FixedBackend.start("one", ports.next())),
                keep(FixedBackend.start("two", ports.next()))));
    Path launcher = root.resolve("router-agent/target/dist/bin/lockstep");
    Kubelet.Host host = new Kubelet.Host(launcher, folder, children, ports);
    LocalMesh mesh = startMesh(root, server, new Size(replicas, host, between.wiring()));
    between.links.follow(mesh::replicas);
    routes.prepare();
    mesh.awaitReady(progress);
    progress.say(replicas + " replicas ready");
    Violations violations = new Violations(journal, folder.resolve("violations.log"));
    Reach reach =
        keep(new Reach(client(server, "lockstep-reach"), journal, new Versions(violations)));
    Fates fates = keep(new Fates(journal));
    Cuts cuts = new Cuts(between.links::cut, between.apis::cut);
    return new Started(
        mesh,
        routes,
        new Strikes(mesh, reach, new Strikes.Hands(server, cuts, fates)),
        keep(new Calm(mesh, reach, replicas)),
        keep(new LeaseLog(client(server, "lockstep-lease-log"))),
        keep(new SteadyClients(mesh.replicas(), reach, fates, journal)),
        violations);
  }

  @Override
  public synchronized void close() {
    closed = true;
    while (!parts.isEmpty()) {
      closeOne(parts.pop());
    }
  }

  private ApiServer startServer(Path root, Children children, Ports ports) {
    BinarySources sources = BinarySources.of(System.getenv(), root.resolve("deploy/local/tools"));
    return keep(
        ApiServer.start(
            new ApiServer.Settings(
                new BinaryFinder(sources, children, progress).find(),
                folder.resolve("cluster"),
                children,
                ports,
                progress)));
  }

  /** How many replicas, on what. */
  private record Size(int replicas, Kubelet.Host host, Wiring wiring) {}

  private LocalMesh startMesh(Path root, ApiServer server, Size size) {
    Manifest manifest;
    try (KubernetesClient client = server.administrator("lockstep-windows")) {
      manifest = Manifest.read(root.resolve("deploy/lockstep.yaml"), client);
      manifest.apply(client);
    }
    LocalMesh.Settings settings =
        new LocalMesh.Settings(
            manifest,
            server.kubeconfig(),
            server.kubeconfigForServer(),
            size.host,
            SharedPorts.none(),
            List.of(),
            size.wiring);
    return keep(LocalMesh.start(settings, size.replicas));
  }

  private static KubernetesClient client(ApiServer server, String userAgent) {
    Config config = Config.fromKubeconfig(server.kubeconfig().toFile());
    config.setUserAgent(userAgent);
    config.setRequestRetryBackoffLimit(0);
    config.setRequestTimeout(REQUEST_TIMEOUT_MILLIS);
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  private void closeOne(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      // The others must still be closed: this is a loop's top.
      progress.say("while stopping: " + e);
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    synchronized (this) {
      if (!closed) {
        parts.push(part);
        return part;
      }
    }
    closeOne(part);
    throw new IllegalStateException("stopped");
  }
}
