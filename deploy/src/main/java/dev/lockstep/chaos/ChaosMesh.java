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
import dev.lockstep.local.LocalCluster;
import dev.lockstep.local.LocalMesh;
import dev.lockstep.local.cluster.ApiServer;
import dev.lockstep.local.kubelet.Wiring;
import dev.lockstep.local.process.Children;
import dev.lockstep.local.process.Parts;
import dev.lockstep.local.process.Ports;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Everything that a run on this machine consists of: API server, proxies, replicas, workload,
 * oracle.
 */
final class ChaosMesh implements AutoCloseable {
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(3);

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
    LocalCluster.Means means =
        new LocalCluster.Means(options.root(), folder, children, ports, progress);
    LocalCluster.Own cluster = parts.keep(LocalCluster.own(means, System.getenv()));
    Journal journal = parts.keep(Journal.open(folder.resolve("journal.log")));
    Between between =
        new Between(
            parts.keep(new LinkProxies(ports)),
            parts.keep(new ApiProxies(cluster.server(), ports)),
            Clocks.in(folder.resolve("clocks")));
    Workload workload =
        parts.keep(
            new Workload(client(cluster, "lockstep-workload"), Slots.here(), options.seed()));
    LocalMesh.Settings settings =
        LocalMesh.Settings.in(cluster, means.host()).wired(between.wiring(), "--version-header=on");
    LocalMesh mesh = parts.keep(LocalMesh.start(settings, options.replicas()));
    between.links.follow(mesh::replicas);
    workload.prepare();
    mesh.awaitReady(progress);
    progress.say(options.replicas() + " replicas ready");
    Violations violations = new Violations(journal, folder.resolve("violations.log"));
    Versions versions = new Versions(violations);
    Oracle oracle = new Oracle(workload.routes(), journal, violations, versions);
    Reach reach = parts.keep(new Reach(client(cluster, "lockstep-oracle"), journal, versions));
    Fates fates = parts.keep(new Fates(journal));
    parts.keep(new Visitors(oracle, reach, fates, mesh::replicas));
    return new Started(
        mesh::replicas,
        oracle,
        workload,
        faults(cluster, new Replicas(mesh, reach), fates, between));
  }

  @Override
  public void close() {
    parts.close();
  }

  private List<FaultSource> faults(
      LocalCluster.Own cluster, Replicas replicas, Fates fates, Between between) {
    KubernetesClient meddler = client(cluster, "lockstep-meddler");
    parts.keep(meddler);
    return List.of(
        new ProcessFaults(replicas, fates),
        new ServerFaults(cluster.apiServer(), replicas.reach()),
        new LeaseFaults(meddler),
        new DiskFaults(replicas),
        new ClockFaults(between.clocks, replicas),
        new LinkFaults(between.links, replicas),
        new ApiFaults(between.apis, replicas));
  }

  private static KubernetesClient client(LocalCluster cluster, String userAgent) {
    return ApiServer.impatient(cluster.kubeconfig(), userAgent, REQUEST_TIMEOUT);
  }
}
