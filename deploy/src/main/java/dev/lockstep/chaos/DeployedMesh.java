package dev.lockstep.chaos;

import dev.lockstep.chaos.deployed.BackendPods;
import dev.lockstep.chaos.deployed.CommandFaults;
import dev.lockstep.chaos.deployed.DeploymentFaults;
import dev.lockstep.chaos.deployed.Installation;
import dev.lockstep.chaos.deployed.NodeFaults;
import dev.lockstep.chaos.deployed.RouterPods;
import dev.lockstep.chaos.fault.FaultSource;
import dev.lockstep.chaos.fault.LeaseFaults;
import dev.lockstep.chaos.oracle.Fates;
import dev.lockstep.chaos.oracle.Journal;
import dev.lockstep.chaos.oracle.Oracle;
import dev.lockstep.chaos.oracle.Reach;
import dev.lockstep.chaos.oracle.Versions;
import dev.lockstep.chaos.oracle.Violations;
import dev.lockstep.chaos.oracle.Visitors;
import dev.lockstep.chaos.workload.Workload;
import dev.lockstep.local.cluster.ApiServer;
import dev.lockstep.local.cluster.Manifest;
import dev.lockstep.local.process.Await;
import dev.lockstep.local.process.Parts;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A run on a whole cluster: Lockstep as its manifest describes it, backends as pods, and the same
 * workload and oracle as on one machine. This program must reach pods by their addresses.
 */
final class DeployedMesh implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration READY = Duration.ofSeconds(300);

  private final Progress progress;
  private final Path folder;
  private final Parts parts;

  /** Starts nothing yet; everything of the run goes to this folder. */
  DeployedMesh(Progress progress, Path folder) {
    this.progress = progress;
    this.folder = folder;
    this.parts = new Parts(progress);
  }

  /** Puts it there. */
  Started start(ChaosOptions options) {
    Path kubeconfig = options.cluster().kubeconfig().orElseThrow();
    KubernetesClient client = client(kubeconfig, "lockstep-chaos");
    Installation installation = installation(options, client);
    installation.refuseIfPresent();
    installation.createNamespace();
    Journal journal = parts.keep(Journal.open(folder.resolve("journal.log")));
    Workload workload = prepare(options, client);
    // AFTER the routes' ground is written: what a replica serves from its first moment is judged.
    installation.apply();
    progress.say("manifest applied");
    Violations violations = new Violations(journal, folder.resolve("violations.log"));
    Versions versions = new Versions(violations);
    Reach reach = parts.keep(new Reach(client(kubeconfig, "lockstep-oracle"), journal, versions));
    RouterPods pods =
        parts.keep(new RouterPods(client(kubeconfig, "lockstep-pods"), reach::leader));
    awaitReady(
        options.replicas() + " router pods ready",
        pods::describe,
        () -> pods.settled(options.replicas()));
    Oracle oracle = new Oracle(workload.routes(), journal, violations, versions);
    Fates fates = parts.keep(new Fates(journal));
    parts.keep(new Visitors(oracle, reach, fates, pods::replicas));
    KubernetesClient meddler = parts.keep(client(kubeconfig, "lockstep-meddler"));
    return new Started(pods::replicas, oracle, workload, faults(options, meddler, pods, fates));
  }

  /**
   * More patient than on one machine, where requests are meant to fail: nothing here delays them.
   */
  private static KubernetesClient client(Path kubeconfig, String userAgent) {
    return ApiServer.impatient(kubeconfig, userAgent, PATIENCE);
  }

  @Override
  public void close() {
    parts.close();
  }

  private Installation installation(ChaosOptions options, KubernetesClient client) {
    Manifest plain = Manifest.read(options.root().resolve("deploy/lockstep.yaml"), client);
    Manifest changed = Installation.manifest(plain, options.cluster().image(), options.replicas());
    return parts.keep(new Installation(client, changed, progress));
  }

  private Workload prepare(ChaosOptions options, KubernetesClient client) {
    BackendPods backends = new BackendPods(client);
    backends.create(options.cluster().backendImage());
    awaitReady("all backends ready", backends::describe, backends::allReady);
    KubernetesClient own =
        client(options.cluster().kubeconfig().orElseThrow(), "lockstep-workload");
    Workload workload = parts.keep(new Workload(own, backends.slots(), options.seed()));
    workload.prepare();
    return workload;
  }

  private void awaitReady(String what, Supplier<String> detail, BooleanSupplier condition) {
    progress.during(
        "waiting for: " + what,
        detail,
        () -> {
          Await.until(READY, what, condition);
          return true;
        });
    progress.say(what);
  }

  private List<FaultSource> faults(
      ChaosOptions options, KubernetesClient meddler, RouterPods pods, Fates fates) {
    return List.of(
        new DeploymentFaults(meddler, pods, options.replicas()),
        parts.keep(new NodeFaults(meddler, pods, options.replicas())),
        parts.keep(new CommandFaults(options.cluster().commands(), pods, fates)),
        new LeaseFaults(meddler));
  }
}
