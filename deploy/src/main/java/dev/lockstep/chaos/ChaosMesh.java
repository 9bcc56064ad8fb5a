package dev.lockstep.chaos;

import dev.lockstep.chaos.api.ApiFaults;
import dev.lockstep.chaos.api.ApiProxies;
import dev.lockstep.chaos.fault.ClockFaults;
import dev.lockstep.chaos.fault.Clocks;
import dev.lockstep.chaos.fault.DiskFaults;
import dev.lockstep.chaos.fault.FaultSource;
import dev.lockstep.chaos.fault.LeaseFaults;
import dev.lockstep.chaos.fault.ProcessFaults;
import dev.lockstep.chaos.fault.Replicas;
import dev.lockstep.chaos.fault.ServerFaults;
import dev.lockstep.chaos.link.LinkFaults;
import dev.lockstep.chaos.link.LinkProxies;
import dev.lockstep.chaos.oracle.Fates;
import dev.lockstep.chaos.oracle.Journal;
import dev.lockstep.chaos.oracle.Oracle;
import dev.lockstep.chaos.oracle.Reach;
import dev.lockstep.chaos.oracle.Versions;
import dev.lockstep.chaos.oracle.Violations;
import dev.lockstep.chaos.oracle.Visitors;
import dev.lockstep.chaos.workload.Workload;
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
 * Everything that a run consists of: API server, proxies, replicas, workload, oracle. Closed in the
 * opposite order of its start, by whoever comes first: the end of the program or Ctrl-C.
 */
final class ChaosMesh implements AutoCloseable {
  private static final int REQUEST_TIMEOUT_MILLIS = 3_000;

  private final Progress progress;
  private final Path folder;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>(); // Guarded by this.
  private boolean closed; // Guarded by this.

  /** Starts nothing yet; everything of the run goes to this folder. */
  ChaosMesh(Progress progress, Path folder) {
    this.progress = progress;
    this.folder = folder;
  }

  /**
   * What is up.
   *
   * @param mesh the replicas, all of them ready
   * @param oracle judges
   * @param reach knows whom clients can reach
   * @param workload changes routes, once it is started
   * @param faults can be made
   */
  record Started(
      LocalMesh mesh, Oracle oracle, Reach reach, Workload workload, List<FaultSource> faults) {}

  /** What stands between the replicas and the rest. */
  private record Between(LinkProxies links, ApiProxies apis, Clocks clocks) {
    Wiring wiring() {
      return (pod, plain) -> {
        Wiring.Wires linked = links.wire(pod, plain);
        return new Wiring.Wires(
            apis.wire(pod), linked.mesh(), linked.api(), clocks.environment(pod));
      };
    }
  }

  /** Starts it. */
  Started start(ChaosOptions options) {
    Children children = keep(Children.open());
    Ports ports = keep(Ports.open(RandomGenerator.getDefault()));
    ApiServer server = startServer(options.root(), children, ports);
    Journal journal = keep(Journal.open(folder.resolve("journal.log")));
    Between between =
        new Between(
            keep(new LinkProxies(ports)),
            keep(new ApiProxies(server.kubeconfigForServer(), ports)),
            Clocks.in(folder.resolve("clocks")));
    Workload workload = keep(new Workload(client(server, "lockstep-workload"), options.seed()));
    LocalMesh mesh =
        startMesh(
            options,
            server,
            new Kubelet.Host(
                options.root().resolve("router-agent/target/dist/bin/lockstep"),
                folder,
                children,
                ports),
            between.wiring());
    between.links.follow(mesh::replicas);
    workload.prepare();
    mesh.awaitReady(progress);
    progress.say(options.replicas() + " replicas ready");
    Violations violations = new Violations(journal, folder.resolve("violations.log"));
    Versions versions = new Versions(violations);
    Oracle oracle = new Oracle(workload.routes(), journal, violations, versions);
    Reach reach = keep(new Reach(client(server, "lockstep-oracle"), journal, versions));
    Fates fates = keep(new Fates(journal));
    keep(new Visitors(oracle, reach, fates, mesh::replicas));
    return new Started(
        mesh, oracle, reach, workload, faults(server, new Replicas(mesh, reach), fates, between));
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

  private LocalMesh startMesh(
      ChaosOptions options, ApiServer server, Kubelet.Host host, Wiring wiring) {
    Manifest manifest;
    try (KubernetesClient client = server.administrator("lockstep-chaos")) {
      manifest = Manifest.read(options.root().resolve("deploy/lockstep.yaml"), client);
      manifest.apply(client);
    }
    LocalMesh.Settings settings =
        new LocalMesh.Settings(
            manifest,
            server.kubeconfig(),
            server.kubeconfigForServer(),
            host,
            SharedPorts.none(),
            List.of("--version-header=on"),
            wiring);
    return keep(LocalMesh.start(settings, options.replicas()));
  }

  private List<FaultSource> faults(
      ApiServer server, Replicas replicas, Fates fates, Between between) {
    KubernetesClient meddler = client(server, "lockstep-meddler");
    keep(meddler);
    return List.of(
        new ProcessFaults(replicas, fates),
        new ServerFaults(server, replicas.reach()),
        new LeaseFaults(meddler),
        new DiskFaults(replicas),
        new ClockFaults(between.clocks, replicas),
        new LinkFaults(between.links, replicas),
        new ApiFaults(between.apis, replicas));
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
