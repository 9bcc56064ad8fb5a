package dev.lockstep.local.kubelet;

import dev.lockstep.local.cluster.Kubeconfig;
import dev.lockstep.local.process.Await;
import dev.lockstep.local.process.Child;
import dev.lockstep.local.process.Children;
import dev.lockstep.local.process.Ports;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Keeps router replicas running on this machine: creates their pods from the Deployment's template,
 * runs one process for each, and replaces a pod that somebody deleted or evicted. Thread-safe.
 *
 * <p>Unlike a real kubelet it has no liveness probe, so a paused replica stays as it is, and no
 * preStop hook, because nothing routes to its pods by their endpoints.
 */
public final class Kubelet implements AutoCloseable {
  private static final Duration TURN = Duration.ofMillis(250);
  private static final Duration PLANNED_STOP = Duration.ofSeconds(60);

  private final Settings settings;
  private final KubernetesClient client;
  private final HttpClient probes =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(1))
          .build();
  private final LocalNode node;
  private final DisruptionBudget budget;
  private final List<ReplicaPod> pods = new CopyOnWriteArrayList<>();
  private final SharedIndexInformer<Pod> informer;
  private final Thread upkeep;
  private volatile boolean closed;
  private int wanted; // Guarded by this.

  /**
   * What replicas are made from.
   *
   * @param deployment names the namespace and holds the template of the pods
   * @param server where replicas find the API server
   * @param host what they take from this machine
   * @param shared ports on which all of them listen
   * @param arguments further arguments of each agent
   * @param wiring what stands between the replicas and the rest
   */
  public record Settings(
      Deployment deployment,
      Kubeconfig server,
      Host host,
      SharedPorts shared,
      List<String> arguments,
      Wiring wiring) {
    /** Copies the arguments. */
    public Settings {
      arguments = List.copyOf(arguments);
    }

    /** With nothing in between. */
    public Settings(
        Deployment deployment,
        Kubeconfig server,
        Host host,
        SharedPorts shared,
        List<String> arguments) {
      this(deployment, server, host, shared, arguments, Wiring.direct());
    }
  }

  /**
   * This machine.
   *
   * @param launcher the launcher script of the agent
   * @param folder for the pods' files and their logs
   * @param children starts the processes
   * @param ports gives the ports
   */
  public record Host(Path launcher, Path folder, Children children, Ports ports) {}

  private Kubelet(Settings settings, KubernetesClient client) {
    this.settings = settings;
    this.client = client;
    this.node = new LocalNode(client);
    node.create();
    this.budget = new DisruptionBudget(client, settings.deployment);
    informer =
        client
            .pods()
            .inNamespace(namespace())
            .withLabels(settings.deployment.getSpec().getSelector().getMatchLabels())
            .inform(new Observer());
    upkeep = Thread.ofVirtual().name("kubelet").start(this::keepUp);
  }

  /**
   * Starts this many replicas.
   *
   * @param client an administrator that does not retry by itself; closed with the kubelet
   */
  public static Kubelet start(Settings settings, KubernetesClient client, int replicas) {
    Kubelet kubelet = new Kubelet(settings, client);
    for (int i = 0; i < replicas; i++) {
      kubelet.add();
    }
    return kubelet;
  }

  /** {@return the replicas that have a pod, in the order in which they were created} */
  public List<LocalReplica> replicas() {
    return pods.stream().filter(it -> !it.done()).map(ReplicaPod::replica).toList();
  }

  /** Adds a replica; returns once its pod exists. */
  public synchronized LocalReplica add() {
    wanted++;
    return create().replica();
  }

  /** Deletes a replica's pod as a planned removal does; returns once pod and process are gone. */
  public void remove(String pod) {
    ReplicaPod gone = find(pod);
    synchronized (this) {
      wanted--;
    }
    client.pods().inNamespace(namespace()).withName(pod).delete();
    await("pod " + pod + " is gone", gone::done);
  }

  /** Asks the process of a pod to end (SIGTERM); it is started again in the same pod. */
  public void restart(String pod) {
    onProcess(pod, Child::terminate);
  }

  /** Kills the process of a pod (SIGKILL); it is started again in the same pod. */
  public void kill(String pod) {
    onProcess(pod, Child::kill);
  }

  /** Stops the process of a pod in place (SIGSTOP). */
  public void pause(String pod) {
    onProcess(pod, Child::pause);
  }

  /** Lets the process of a pod go on (SIGCONT). */
  public void resume(String pod) {
    onProcess(pod, Child::resume);
  }

  /**
   * Looks away from a pod, as the kubelet of a lost node does: no probe, no report, no new process.
   */
  public void lose(String pod) {
    find(pod).lose();
  }

  /** Looks at a pod again after {@link #lose(String)}. */
  public void recover(String pod) {
    find(pod).recover();
  }

  /** Stops all processes. Pods and node stay in the API: they are thrown away with it. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    informer.close();
    upkeep.interrupt();
    pods.forEach(ReplicaPod::shutdown);
    await("replicas stopped", () -> pods.stream().allMatch(ReplicaPod::done));
    probes.close();
    client.close();
  }

  /** Removes all replicas and the node from the API as well: for a cluster that stays. */
  public void removeAll() {
    for (LocalReplica replica : replicas()) {
      remove(replica.pod());
    }
    node.delete();
  }

  private void keepUp() {
    try {
      while (!closed) {
        pods.removeIf(ReplicaPod::done);
        node.beatIfDue();
        replaceLost();
        budget.report(wanted(), replicas());
        Thread.sleep(TURN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized int wanted() {
    return wanted;
  }

  private synchronized void replaceLost() {
    try {
      while (!closed && pods.stream().filter(it -> !it.leaving()).count() < wanted) {
        create();
      }
    } catch (KubernetesClientException e) {
      // The API server is away; the next turn tries again.
      pods.removeIf(ReplicaPod::done);
    }
  }

  /** Creates one pod and starts its life; the caller holds the lock. */
  private ReplicaPod create() {
    var template = settings.deployment.getSpec().getTemplate();
    Pod wish =
        new PodBuilder()
            .withNewMetadata()
            .withGenerateName(settings.deployment.getMetadata().getName() + "-")
            .withNamespace(namespace())
            .withLabels(template.getMetadata().getLabels())
            .withAnnotations(template.getMetadata().getAnnotations())
            .endMetadata()
            .withSpec(template.getSpec())
            .editSpec()
            .withNodeName(LocalNode.NAME)
            .endSpec()
            .build();
    Pod created = client.resource(wish).create();
    ReplicaPod pod = assemble(created);
    pods.add(pod);
    // BEFORE this line the informer may already have told news of a pod that was not in the list.
    latest(created).ifPresent(pod::observe);
    Thread.ofVirtual().name(created.getMetadata().getName()).start(pod::run);
    return pod;
  }

  private ReplicaPod assemble(Pod pod) {
    PodName name = PodName.of(pod);
    PodFiles files = PodFiles.create(settings.host.folder.resolve("pods").resolve(name.name()));
    ReplicaPorts ports = ReplicaPorts.choose(settings.host.ports);
    Wiring.Wires plain =
        new Wiring.Wires(settings.server, ports.meshAddress(), ports.apiAddress(), Map.of());
    Wiring.Wires wires = settings.wiring.wire(name.name(), plain);
    AgentCommand.Extras extras = new AgentCommand.Extras(wires, settings.arguments);
    AgentCommand command =
        new AgentCommand(settings.host.launcher, name, ports, settings.shared, files, extras);
    Path log = settings.host.folder.resolve("logs").resolve(name.name() + ".log");
    ReplicaProcess process =
        new ReplicaProcess(
            settings.host.children,
            command,
            log,
            () -> byName(name.name()).ifPresent(ReplicaPod::wake));
    String account = pod.getSpec().getServiceAccountName();
    return new ReplicaPod(
        client,
        new ReplicaPod.Parts(
            pod,
            ports,
            new PodTokens(client, account, name, new PodTokens.Target(files, wires.server())),
            process,
            new ReadinessProbe(probes, ports.apiAddress())));
  }

  private Optional<Pod> latest(Pod pod) {
    return informer.getStore().list().stream().filter(PodName.of(pod)::names).findFirst();
  }

  private String namespace() {
    return settings.deployment.getMetadata().getNamespace();
  }

  private ReplicaPod find(String pod) {
    return byName(pod)
        .orElseThrow(
            () -> new IllegalArgumentException("pod: " + pod + " (expected: one of ours)"));
  }

  private Optional<ReplicaPod> byName(String pod) {
    return pods.stream().filter(it -> it.name().name().equals(pod)).findFirst();
  }

  private void onProcess(String pod, Consumer<Child> action) {
    action.accept(
        find(pod)
            .process()
            .orElseThrow(() -> new IllegalStateException("pod " + pod + ": no process runs")));
  }

  private static void await(String what, BooleanSupplier condition) {
    try {
      Await.until(PLANNED_STOP, what, condition);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted before " + what, e);
    }
  }

  /** Passes what the API server says on to the pod that it is about. */
  private final class Observer implements ResourceEventHandler<Pod> {
    @Override
    public void onAdd(Pod pod) {
      of(pod).ifPresent(it -> it.observe(pod));
    }

    @Override
    public void onUpdate(Pod before, Pod after) {
      of(after).ifPresent(it -> it.observe(after));
    }

    @Override
    public void onDelete(Pod pod, boolean finalStateUnknown) {
      of(pod).ifPresent(ReplicaPod::observeGone);
    }

    private Optional<ReplicaPod> of(Pod pod) {
      return pods.stream().filter(it -> it.name().names(pod)).findFirst();
    }
  }
}
