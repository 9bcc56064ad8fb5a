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
import dev.lockstep.chaos.workload.Slots;
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
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Everything that a run on this machine consists of: API server, proxies, replicas, workload,
 * oracle.
 */
final class ChaosMesh implements AutoCloseable {
  private static final int REQUEST_TIMEOUT_MILLIS = 3_000;

  private final Progress progress;
  private final Path folder;
  private final Parts parts;

  /** Starts nothing yet; everything of the run goes to this folder. */
  ChaosMesh(Progress progress, Path folder) {
    this.progress = progress;
    this.folder = folder;
    this.parts = new Parts(progress);
  }

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
    Children children = parts.keep(Children.open());
    Ports ports = parts.keep(Ports.open(RandomGenerator.getDefault()));
    ApiServer server = startServer(options.root(), children, ports);
    Journal journal = parts.keep(Journal.open(folder.resolve("journal.log")));
    Between between =
        new Between(
            parts.keep(new LinkProxies(ports)),
            parts.keep(new ApiProxies(server.kubeconfigForServer(), ports)),
            Clocks.in(folder.resolve("clocks")));
    Workload workload =
        parts.keep(new Workload(client(server, "lockstep-workload"), Slots.here(), options.seed()));
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
    Reach reach = parts.keep(new Reach(client(server, "lockstep-oracle"), journal, versions));
    Fates fates = parts.keep(new Fates(journal));
    parts.keep(new Visitors(oracle, reach, fates, mesh::replicas));
    return new Started(
        mesh::replicas,
        oracle,
        workload,
        faults(server, new Replicas(mesh, reach), fates, between));
  }

  @Override
  public void close() {
    parts.close();
  }

  private ApiServer startServer(Path root, Children children, Ports ports) {
    BinarySources sources = BinarySources.of(System.getenv(), root.resolve("deploy/local/tools"));
    return parts.keep(
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
    return parts.keep(LocalMesh.start(settings, options.replicas()));
  }

  private List<FaultSource> faults(
      ApiServer server, Replicas replicas, Fates fates, Between between) {
    KubernetesClient meddler = client(server, "lockstep-meddler");
    parts.keep(meddler);
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
    return client(server.kubeconfig(), userAgent, REQUEST_TIMEOUT_MILLIS);
  }

  /** {@return an administrator of a cluster, without retries} */
  static KubernetesClient client(Path kubeconfig, String userAgent, int timeoutMillis) {
    Config config = Config.fromKubeconfig(kubeconfig.toFile());
    config.setUserAgent(userAgent);
    config.setRequestRetryBackoffLimit(0);
    config.setConnectionTimeout(Math.max(timeoutMillis, config.getConnectionTimeout()));
    config.setRequestTimeout(timeoutMillis);
    return new KubernetesClientBuilder().withConfig(config).build();
  }
}
