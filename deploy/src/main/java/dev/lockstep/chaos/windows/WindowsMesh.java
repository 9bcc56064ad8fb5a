package dev.lockstep.chaos.windows;

import dev.lockstep.bench.load.FixedBackend;
import dev.lockstep.chaos.api.ApiProxies;
import dev.lockstep.chaos.link.LinkProxies;
import dev.lockstep.chaos.oracle.Fates;
import dev.lockstep.chaos.oracle.Journal;
import dev.lockstep.chaos.oracle.Reach;
import dev.lockstep.chaos.oracle.Versions;
import dev.lockstep.chaos.oracle.Violations;
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
import java.util.random.RandomGenerator;

/**
 * One mesh of a size: API server, proxies, replicas, clients. Closed in the opposite order of its
 * start, by whoever comes first: the end of its trials or Ctrl-C.
 */
final class WindowsMesh implements AutoCloseable {
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(3);

  private final Progress progress;
  private final Path folder;
  private final Parts parts;

  /** Starts nothing yet; everything of the mesh goes to this folder. */
  WindowsMesh(Progress progress, Path folder) {
    this.progress = progress;
    this.folder = folder;
    this.parts = new Parts(progress);
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
    Children children = parts.keep(Children.open());
    Ports ports = parts.keep(Ports.open(RandomGenerator.getDefault()));
    LocalCluster.Means means = new LocalCluster.Means(root, folder, children, ports, progress);
    LocalCluster.Own cluster = parts.keep(LocalCluster.own(means, System.getenv()));
    Journal journal = parts.keep(Journal.open(folder.resolve("journal.log")));
    Between between =
        new Between(
            parts.keep(new LinkProxies(ports)),
            parts.keep(new ApiProxies(cluster.server(), ports)));
    Routes routes =
        parts.keep(
            new Routes(
                client(cluster, "lockstep-writer"),
                parts.keep(FixedBackend.start("one", ports.next())),
                parts.keep(FixedBackend.start("two", ports.next()))));
    LocalMesh.Settings settings =
        LocalMesh.Settings.in(cluster, means.host()).wired(between.wiring());
    LocalMesh mesh = parts.keep(LocalMesh.start(settings, replicas));
    between.links.follow(mesh::replicas);
    routes.prepare();
    mesh.awaitReady(progress);
    progress.say(replicas + " replicas ready");
    Violations violations = new Violations(journal, folder.resolve("violations.log"));
    Reach reach =
        parts.keep(new Reach(client(cluster, "lockstep-reach"), journal, new Versions(violations)));
    Fates fates = parts.keep(new Fates(journal));
    Cuts cuts = new Cuts(between.links::cut, between.apis::cut);
    return new Started(
        mesh,
        routes,
        new Strikes(mesh, reach, new Strikes.Hands(cluster.apiServer(), cuts, fates)),
        parts.keep(new Calm(mesh, reach, replicas)),
        parts.keep(new LeaseLog(client(cluster, "lockstep-lease-log"))),
        parts.keep(new SteadyClients(mesh.replicas(), reach, fates, journal)),
        violations);
  }

  @Override
  public void close() {
    parts.close();
  }

  private static KubernetesClient client(LocalCluster cluster, String userAgent) {
    return ApiServer.impatient(cluster.kubeconfig(), userAgent, REQUEST_TIMEOUT);
  }
}
