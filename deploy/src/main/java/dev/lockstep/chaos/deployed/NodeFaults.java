package dev.lockstep.chaos.deployed;

import static dev.lockstep.chaos.fault.FaultKind.NODE_DRAINED;

import dev.lockstep.chaos.deployed.RouterPods.RouterPod;
import dev.lockstep.chaos.fault.FaultKind;
import dev.lockstep.chaos.fault.FaultSource;
import dev.lockstep.local.process.Await;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Takes a node out of service: cordons it and evicts the router's pods that are there. */
public final class NodeFaults implements FaultSource, AutoCloseable {
  static final Set<FaultKind> KINDS = Set.of(NODE_DRAINED);

  private final KubernetesClient client;
  private final RouterPods pods;
  private final int replicas;
  private final Set<FaultKind> kinds;
  private final Set<String> cordoned = ConcurrentHashMap.newKeySet();

  /** Needs several nodes that take pods. */
  public NodeFaults(KubernetesClient client, RouterPods pods, int replicas) {
    this.client = client;
    this.pods = pods;
    this.replicas = replicas;
    this.kinds = usable().size() > 1 ? KINDS : Set.of();
  }

  @Override
  public Set<FaultKind> kinds() {
    return kinds;
  }

  @Override
  public Optional<Fault> begin(Order order) throws InterruptedException {
    Optional<RouterPod> any = pods.choose(order.random().nextBoolean(), order.random());
    if (any.isEmpty() || usable().size() < 2 || !usable().contains(any.get().node())) {
      return Optional.empty();
    }
    String node = any.get().node();
    cordoned.add(node);
    cordon(node, true);
    List<RouterPod> there =
        pods.all().stream().filter(it -> it.node().equals(node) && !it.leaving()).toList();
    for (RouterPod pod : there) {
      Await.until(
          DeploymentFaults.PATIENCE,
          pod.name() + " evicted from " + node,
          () -> pods.find(pod.name()).isEmpty() || DeploymentFaults.evict(client, pod.name()));
    }
    Await.until(
        DeploymentFaults.PATIENCE,
        node + " drained " + pods.describe(),
        () ->
            pods.settled(replicas) && pods.all().stream().noneMatch(it -> it.node().equals(node)));
    return Optional.of(new Fault(node + ", " + there.size() + " pods", () -> uncordon(node)));
  }

  /** Gives back what is still out of service. */
  @Override
  public void close() {
    cordoned.forEach(this::uncordon);
  }

  private void uncordon(String node) {
    cordon(node, false);
    cordoned.remove(node);
  }

  private void cordon(String name, boolean out) {
    client
        .nodes()
        .withName(name)
        .edit(
            it -> {
              it.getSpec().setUnschedulable(out);
              return it;
            });
  }

  private List<String> usable() {
    return client.nodes().list().getItems().stream()
        .filter(it -> !Boolean.TRUE.equals(it.getSpec().getUnschedulable()))
        .filter(it -> taints(it).isEmpty())
        .map(it -> it.getMetadata().getName())
        .toList();
  }

  private static List<?> taints(Node node) {
    List<?> taints = node.getSpec().getTaints();
    return taints == null ? Collections.emptyList() : taints;
  }
}
