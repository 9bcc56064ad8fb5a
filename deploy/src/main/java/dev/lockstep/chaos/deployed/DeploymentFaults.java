package dev.lockstep.chaos.deployed;

import static dev.lockstep.chaos.fault.FaultKind.EVICTED;
import static dev.lockstep.chaos.fault.FaultKind.ROLLING_RESTART;
import static dev.lockstep.chaos.fault.FaultKind.SCALED;
import static dev.lockstep.chaos.fault.FaultKind.STOP_FOLLOWER;
import static dev.lockstep.chaos.fault.FaultKind.STOP_LEADER;

import dev.lockstep.chaos.deployed.RouterPods.RouterPod;
import dev.lockstep.chaos.fault.FaultKind;
import dev.lockstep.chaos.fault.FaultSource;
import dev.lockstep.local.process.Await;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What people and controllers do to a Deployment and its pods, all of it in order. */
public final class DeploymentFaults implements FaultSource {
  static final Set<FaultKind> KINDS =
      Set.of(STOP_FOLLOWER, STOP_LEADER, ROLLING_RESTART, SCALED, EVICTED);

  /** A rolling restart waits for each pod's drain; the machine may be slow. */
  static final Duration PATIENCE = Duration.ofSeconds(300);

  private static final int FEWEST = 2;

  private final KubernetesClient client;
  private final RouterPods pods;
  private final int replicas;

  /** Goes back to this many replicas every time. */
  public DeploymentFaults(KubernetesClient client, RouterPods pods, int replicas) {
    this.client = client;
    this.pods = pods;
    this.replicas = replicas;
  }

  @Override
  public Set<FaultKind> kinds() {
    return KINDS;
  }

  @Override
  public Optional<Fault> begin(Order order) throws InterruptedException {
    return switch (order.kind()) {
      case ROLLING_RESTART -> Optional.of(restart());
      case SCALED -> Optional.of(scale());
      case EVICTED -> pods.choose(order.random().nextBoolean(), order.random()).map(this::evict);
      default -> pods.choose(order.kind() == STOP_LEADER, order.random()).map(this::delete);
    };
  }

  private Fault delete(RouterPod pod) {
    client.pods().inNamespace(RouterPods.NAMESPACE).withName(pod.name()).delete();
    return new Fault(pod.name(), () -> awaitReplaced(List.of(pod)));
  }

  private Fault evict(RouterPod pod) {
    if (!evict(client, pod.name())) {
      return Fault.over(pod.name() + ": refused, as too few would be left");
    }
    return new Fault(pod.name(), () -> awaitReplaced(List.of(pod)));
  }

  /** {@return whether the Eviction API took it; a PodDisruptionBudget may refuse} */
  static boolean evict(KubernetesClient client, String pod) {
    return client.pods().inNamespace(RouterPods.NAMESPACE).withName(pod).evict();
  }

  private Fault restart() throws InterruptedException {
    List<RouterPod> before = pods.all();
    client
        .apps()
        .deployments()
        .inNamespace(RouterPods.NAMESPACE)
        .withName("lockstep")
        .rolling()
        .restart();
    awaitReplaced(before);
    return Fault.over(before.size() + " pods replaced");
  }

  private Fault scale() throws InterruptedException {
    for (int count : new int[] {replicas + 2, FEWEST, replicas}) {
      client
          .apps()
          .deployments()
          .inNamespace(RouterPods.NAMESPACE)
          .withName("lockstep")
          .scale(count);
      Await.until(PATIENCE, count + " pods after scaling, all ready", () -> pods.settled(count));
    }
    return Fault.over("%d to %d, %d and back".formatted(replicas, replicas + 2, FEWEST));
  }

  private void awaitReplaced(List<RouterPod> old) throws InterruptedException {
    String names = String.join(", ", old.stream().map(RouterPod::name).toList());
    Await.until(
        PATIENCE,
        names + " replaced, and all ready " + pods.describe(),
        () ->
            pods.settled(replicas) && old.stream().allMatch(it -> pods.find(it.name()).isEmpty()));
  }
}
