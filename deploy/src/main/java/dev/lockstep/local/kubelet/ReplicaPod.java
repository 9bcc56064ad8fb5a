package dev.lockstep.local.kubelet;

import dev.lockstep.local.process.Child;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One pod: keeps its process running, probes it, reports its status, and ends it when the pod is
 * deleted.
 *
 * <p>One thread runs {@link #run()} and makes all decisions; others only tell it news, under a
 * lock.
 */
final class ReplicaPod {
  private static final Duration TURN = Duration.ofMillis(200);
  private static final Duration RETRY = Duration.ofMillis(500);

  /** Too short to drain, which is for nobody when everything ends. */
  private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(1);

  /**
   * After so long a silence of a node, kube-controller-manager takes its pods out of traffic: the
   * default of its {@code --node-monitor-grace-period}.
   */
  private static final Duration NODE_GRACE = Duration.ofSeconds(50);

  private static final String GATE = "lockstep.dev/in-sync";

  private final KubernetesClient client;
  private final PodName name;
  private final ReplicaPorts ports;
  private final PodTokens tokens;
  private final ReplicaProcess process;
  private final ReadinessProbe probe;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private Pod observed; // Guarded by lock.
  private End end = End.NONE; // Guarded by lock.
  private boolean woken; // Guarded by lock.
  private Optional<Instant> lostAt = Optional.empty(); // Guarded by lock.

  private volatile Optional<PodStatusPatch> reported = Optional.empty();
  private long nextReport = System.nanoTime();

  /** How it shall end, if at all. */
  private enum End {
    NONE,
    /** The pod was deleted: ask the process to stop, then confirm the deletion. */
    POD_DELETED,
    /** We end: stop the process and leave the pod as it is. */
    SHUTDOWN,
    /** All is done. */
    DONE
  }

  /**
   * What a pod is made of.
   *
   * @param pod as it was created
   * @param ports where its process listens
   * @param tokens of its ServiceAccount
   * @param process not started yet
   * @param probe of that process
   */
  record Parts(
      Pod pod,
      ReplicaPorts ports,
      PodTokens tokens,
      ReplicaProcess process,
      ReadinessProbe probe) {}

  /** Reports with a client that does not retry by itself. */
  ReplicaPod(KubernetesClient client, Parts parts) {
    this.client = client;
    this.observed = parts.pod;
    this.name = PodName.of(parts.pod);
    this.ports = parts.ports;
    this.tokens = parts.tokens;
    this.process = parts.process;
    this.probe = parts.probe;
  }

  PodName name() {
    return name;
  }

  /** Tells what the API server says of the pod now. */
  void observe(Pod pod) {
    tell(
        () -> {
          observed = pod;
          if (pod.getMetadata().getDeletionTimestamp() != null && end == End.NONE) {
            end = End.POD_DELETED;
          }
        });
  }

  /** Tells that the API server no longer has the pod. */
  void observeGone() {
    tell(() -> end = end == End.NONE ? End.POD_DELETED : end);
  }

  /** Tells that something happened to the process. */
  void wake() {
    tell(() -> {});
  }

  /** Tells that its node is lost: from now on nobody looks after it, which is noticed in time. */
  void lose() {
    tell(() -> lostAt = Optional.of(Instant.now()));
  }

  /** Tells that its node is back. */
  void recover() {
    tell(() -> lostAt = Optional.empty());
  }

  /** Tells that everything ends. */
  void shutdown() {
    process.running().ifPresent(Child::resume);
    tell(() -> end = end == End.DONE ? End.DONE : End.SHUTDOWN);
  }

  /** {@return whether it shall end: a Deployment creates its successor at once} */
  boolean leaving() {
    return end() != End.NONE;
  }

  /** {@return whether nothing is left of it} */
  boolean done() {
    return end() == End.DONE;
  }

  /** {@return the process, if it runs} */
  Optional<Child> process() {
    return process.running();
  }

  /** {@return the replica as it is now} */
  LocalReplica replica() {
    OptionalLong pid =
        process.running().map(it -> OptionalLong.of(it.pid())).orElse(OptionalLong.empty());
    boolean ready = reported.map(PodStatusPatch::ready).orElse(false) && pid.isPresent();
    return new LocalReplica(
        name.name(),
        pid,
        process.report().restarts(),
        ready,
        ports.httpAddress(),
        ports.httpsAddress(),
        ports.apiAddress());
  }

  /** Lives the pod's life. */
  void run() {
    while (turn()) {
      awaitNews();
    }
    tell(() -> end = End.DONE);
  }

  /** Does what is due; returns false when the life is over. */
  private boolean turn() {
    return switch (end()) {
      case NONE -> {
        lostAt()
            .ifPresentOrElse(
                this::missNode,
                () -> {
                  keepRunning();
                  report();
                });
        yield true;
      }
      case POD_DELETED -> {
        stop(Duration.ofSeconds(observed().getSpec().getTerminationGracePeriodSeconds()));
        yield !confirmDeletion();
      }
      case SHUTDOWN -> {
        stop(SHUTDOWN_GRACE);
        yield false;
      }
      case DONE -> false;
    };
  }

  private void keepRunning() {
    try {
      if (!process.due()) {
        tokens.renewIfDue();
        return;
      }
      tokens.renewIfDue();
      process.start();
      probe.reset();
    } catch (KubernetesClientException e) {
      // No token yet, no process: it could not say who it is.
      process.delay();
    }
  }

  private void report() {
    boolean answers = process.running().isPresent() && probe.ask();
    // AFTER the probe, which may have taken a second: what ended meanwhile is not ready.
    ReplicaProcess.Report now = process.report();
    boolean ready = answers && now.state() instanceof ContainerState.Running;
    PodStatusPatch wanted =
        new PodStatusPatch(now.state(), now.last(), now.restarts(), ready, gate());
    if (reported.equals(Optional.of(wanted)) || System.nanoTime() < nextReport) {
      return;
    }
    try {
      Container container = observed().getSpec().getContainers().getFirst();
      PodStatusPatch.Target target =
          new PodStatusPatch.Target(name, container.getName(), container.getImage());
      patch(wanted.json(target, reported, Instant.now()));
      reported = Optional.of(wanted);
    } catch (KubernetesClientException e) {
      // The API server is away, or the pod is gone, which we are told another way.
      nextReport = System.nanoTime() + RETRY.toNanos();
    }
  }

  /** What kube-controller-manager does where a node is silent, once. */
  private void missNode(Instant since) {
    Instant now = Instant.now();
    if (reported.isEmpty() || now.isBefore(since.plus(NODE_GRACE))) {
      return;
    }
    try {
      patch(PodStatusPatch.notReady(name, now));
      reported = Optional.empty(); // A kubelet that comes back reports everything.
    } catch (KubernetesClientException e) {
      // The next turn tries again.
    }
  }

  private void patch(String json) {
    resource().subresource("status").patch(PatchContext.of(PatchType.STRATEGIC_MERGE), json);
  }

  private boolean gate() {
    return observed().getStatus().getConditions().stream()
        .anyMatch(it -> it.getType().equals(GATE) && it.getStatus().equals("True"));
  }

  private void stop(Duration grace) {
    process.running().ifPresent(it -> it.stop(grace));
    report();
  }

  private boolean confirmDeletion() {
    try {
      resource().withGracePeriod(0).delete();
      return true;
    } catch (KubernetesClientException e) {
      return false; // The API server is away; the next turn tries again.
    }
  }

  private PodResource resource() {
    return client.pods().inNamespace(name.namespace()).withName(name.name());
  }

  private Pod observed() {
    lock.lock();
    try {
      return observed;
    } finally {
      lock.unlock();
    }
  }

  private Optional<Instant> lostAt() {
    lock.lock();
    try {
      return lostAt;
    } finally {
      lock.unlock();
    }
  }

  private End end() {
    lock.lock();
    try {
      return end;
    } finally {
      lock.unlock();
    }
  }

  private void awaitNews() {
    lock.lock();
    try {
      if (!woken) {
        // A wait that ends without news is a turn of the probe.
        boolean ignored = news.await(TURN.toNanos(), TimeUnit.NANOSECONDS);
      }
      woken = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end = End.SHUTDOWN;
    } finally {
      lock.unlock();
    }
  }

  private void tell(Runnable change) {
    lock.lock();
    try {
      change.run();
      woken = true;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
