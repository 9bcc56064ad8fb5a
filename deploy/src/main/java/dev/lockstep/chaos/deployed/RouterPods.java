package dev.lockstep.chaos.deployed;

import dev.lockstep.local.kubelet.LocalReplica;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The router's pods in a cluster, as they were a moment ago, and the choice of whom a fault hits:
 * never one that another fault of processes has. Thread-safe.
 */
public final class RouterPods implements AutoCloseable {
  static final String NAMESPACE = "lockstep-system";

  private static final String ROUTER = "app.kubernetes.io/component";
  private static final String GATE = "lockstep.dev/in-sync";
  private static final Duration PERIOD = Duration.ofMillis(200);

  /** A container that ends again is started again later each time. */
  private static final int MOST_RESTARTS = 2;

  private final KubernetesClient client;
  private final Supplier<String> leader;
  private final Set<String> busy = new HashSet<>(); // Guarded by this.
  private final Thread thread;
  private volatile List<RouterPod> pods = List.of();

  /**
   * One pod.
   *
   * @param replica for those who talk to it
   * @param node on which it runs
   * @param leaving whether it was deleted and is not gone
   */
  record RouterPod(LocalReplica replica, String node, boolean leaving) {
    String name() {
      return replica.pod();
    }

    /** {@return how a command is told which pod is meant} */
    String path() {
      return NAMESPACE + "/" + replica.pod();
    }

    boolean mayBeKilled() {
      return !leaving && replica.ready() && replica.restarts() < MOST_RESTARTS;
    }
  }

  /** Looks from now on, with a client of its own; the Lease tells who leads. */
  public RouterPods(KubernetesClient client, Supplier<String> leader) {
    this.client = client;
    this.leader = leader;
    this.thread = Thread.ofVirtual().name("router pods").start(this::look);
  }

  /** {@return all that have an address and are not gone} */
  public List<LocalReplica> replicas() {
    return pods.stream().map(RouterPod::replica).toList();
  }

  /** {@return whether there are so many, all of them ready and none on its way out} */
  public boolean settled(int count) {
    List<RouterPod> now = pods;
    return now.size() == count && now.stream().allMatch(it -> it.replica.ready());
  }

  /** {@return a line about each, for people} */
  public String describe() {
    List<RouterPod> now = pods;
    long ready = now.stream().filter(it -> it.replica.ready()).count();
    return "(%d of %d pods ready)".formatted(ready, now.size());
  }

  @Override
  public void close() {
    thread.interrupt();
    client.close();
  }

  List<RouterPod> all() {
    return pods;
  }

  Optional<RouterPod> find(String name) {
    return pods.stream().filter(it -> it.name().equals(name)).findFirst();
  }

  /** {@return the leader, or one of the others, if it is known who leads} */
  Optional<RouterPod> choose(boolean leads, RandomGenerator random) {
    Optional<RouterPod> leading = find(leader.get()).filter(it -> !it.leaving);
    if (leading.isEmpty() || leads) {
      return leading;
    }
    List<RouterPod> others =
        pods.stream().filter(it -> !it.leaving && !it.equals(leading.get())).toList();
    return others.isEmpty()
        ? Optional.empty()
        : Optional.of(others.get(random.nextInt(others.size())));
  }

  /** Takes a pod for a fault of its process; returns whether it was free. */
  synchronized boolean take(String pod) {
    return busy.add(pod);
  }

  /** Gives it back. */
  synchronized void release(String pod) {
    busy.remove(pod);
  }

  private void look() {
    try {
      while (!Thread.interrupted()) {
        try {
          pods =
              client
                  .pods()
                  .inNamespace(NAMESPACE)
                  .withLabel(ROUTER, "router")
                  .list()
                  .getItems()
                  .stream()
                  .map(RouterPods::read)
                  .flatMap(Optional::stream)
                  .toList();
        } catch (KubernetesClientException e) {
          // No answer: what was seen last is the best there is.
        }
        Thread.sleep(PERIOD);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Optional<RouterPod> read(Pod pod) {
    String address = pod.getStatus().getPodIP();
    boolean over = Set.of("Failed", "Succeeded").contains(pod.getStatus().getPhase());
    if (address == null || address.isEmpty() || over) {
      return Optional.empty();
    }
    boolean leaving = pod.getMetadata().getDeletionTimestamp() != null;
    String host = address.contains(":") ? "[" + address + "]" : address;
    LocalReplica replica =
        new LocalReplica(
            pod.getMetadata().getName(),
            OptionalLong.empty(),
            pod.getStatus().getContainerStatuses().stream()
                .mapToInt(ContainerStatus::getRestartCount)
                .sum(),
            holds(pod, "Ready") && holds(pod, GATE) && !leaving,
            URI.create("http://" + host + ":8080/"),
            URI.create("https://" + host + ":8443/"),
            URI.create("http://" + host + ":8090/"));
    String node = Objects.requireNonNullElse(pod.getSpec().getNodeName(), "");
    return Optional.of(new RouterPod(replica, node, leaving));
  }

  private static boolean holds(Pod pod, String type) {
    return pod.getStatus().getConditions().stream()
        .anyMatch(it -> it.getType().equals(type) && it.getStatus().equals("True"));
  }
}
