package dev.lockstep.chaos.fault;

import static dev.lockstep.chaos.fault.FaultKind.KILL_ALL;
import static dev.lockstep.chaos.fault.FaultKind.KILL_FOLLOWER;
import static dev.lockstep.chaos.fault.FaultKind.KILL_LEADER;
import static dev.lockstep.chaos.fault.FaultKind.PAUSE_FOLLOWER;
import static dev.lockstep.chaos.fault.FaultKind.PAUSE_FOLLOWER_BRIEFLY;
import static dev.lockstep.chaos.fault.FaultKind.PAUSE_LEADER;
import static dev.lockstep.chaos.fault.FaultKind.PAUSE_LEADER_BRIEFLY;
import static dev.lockstep.chaos.fault.FaultKind.ROLLING_RESTART;
import static dev.lockstep.chaos.fault.FaultKind.STOP_FOLLOWER;
import static dev.lockstep.chaos.fault.FaultKind.STOP_LEADER;

import dev.lockstep.chaos.oracle.Fates;
import dev.lockstep.chaos.oracle.Fates.Excuse;
import dev.lockstep.local.kubelet.Kubelet;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.process.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Kills, pauses and replaces replicas. */
public final class ProcessFaults implements FaultSource {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Replicas replicas;
  private final Kubelet kubelet;
  private final Fates fates;

  /** Tells the fates what it does, before it does it. */
  public ProcessFaults(Replicas replicas, Fates fates) {
    this.replicas = replicas;
    this.kubelet = replicas.mesh().kubelet();
    this.fates = fates;
  }

  @Override
  public Set<FaultKind> kinds() {
    return Set.of(
        KILL_FOLLOWER,
        KILL_LEADER,
        KILL_ALL,
        PAUSE_FOLLOWER_BRIEFLY,
        PAUSE_LEADER_BRIEFLY,
        PAUSE_FOLLOWER,
        PAUSE_LEADER,
        STOP_FOLLOWER,
        STOP_LEADER,
        ROLLING_RESTART);
  }

  @Override
  public Optional<Fault> begin(Order order) throws InterruptedException {
    return switch (order.kind()) {
      case KILL_ALL -> Optional.of(killAll());
      case ROLLING_RESTART -> Optional.of(rollingRestart());
      case KILL_LEADER, PAUSE_LEADER_BRIEFLY, PAUSE_LEADER, STOP_LEADER ->
          beginOn(replicas.leader(), order.kind());
      default -> beginOn(replicas.follower(order.random()), order.kind());
    };
  }

  private Optional<Fault> beginOn(Optional<LocalReplica> chosen, FaultKind kind)
      throws InterruptedException {
    if (chosen.isEmpty() || !replicas.take(chosen.get().pod())) {
      return Optional.empty();
    }
    LocalReplica replica = chosen.get();
    boolean lasts = false;
    try {
      Fault fault =
          switch (kind) {
            case KILL_FOLLOWER, KILL_LEADER -> kill(replica);
            case STOP_FOLLOWER, STOP_LEADER -> replace(replica);
            default -> pause(replica, kind);
          };
      lasts = true;
      return Optional.of(fault);
    } finally {
      if (!lasts || kind == KILL_FOLLOWER || kind == KILL_LEADER) {
        replicas.release(replica.pod());
      }
    }
  }

  private Fault kill(LocalReplica replica) throws InterruptedException {
    Fates.Span span = fates.begin(replica.pod(), Excuse.KILLED);
    kubelet.kill(replica.pod());
    awaitGone(replica);
    span.endWhenReady(replica.api());
    return Fault.over(replica.pod());
  }

  private Fault killAll() throws InterruptedException {
    List<LocalReplica> all = replicas.all();
    List<Fates.Span> spans = new ArrayList<>();
    all.forEach(it -> spans.add(fates.begin(it.pod(), Excuse.KILLED)));
    all.forEach(it -> kubelet.kill(it.pod()));
    for (int i = 0; i < all.size(); i++) {
      awaitGone(all.get(i));
      spans.get(i).endWhenReady(all.get(i).api());
    }
    return Fault.over(all.size() + " replicas");
  }

  private Fault pause(LocalReplica replica, FaultKind kind) {
    boolean brief = kind == PAUSE_FOLLOWER_BRIEFLY || kind == PAUSE_LEADER_BRIEFLY;
    Optional<Fates.Span> span =
        brief ? Optional.empty() : Optional.of(fates.begin(replica.pod(), Excuse.PAUSED));
    kubelet.pause(replica.pod());
    return new Fault(
        replica.pod(),
        () -> {
          kubelet.resume(replica.pod());
          span.ifPresent(it -> it.endWhenReady(replica.api()));
          replicas.release(replica.pod());
        });
  }

  /** Deletes a pod as people do; a Deployment creates the next one at once. */
  private Fault replace(LocalReplica replica) {
    var pod = replicas.mesh().client().pods().inNamespace("lockstep-system");
    pod.withName(replica.pod()).delete();
    return new Fault(
        replica.pod(),
        () -> {
          Await.until(
              PATIENCE,
              "pod " + replica.pod() + " is replaced",
              () -> replicas.find(replica.pod()).isEmpty() && allReady());
          replicas.release(replica.pod());
        });
  }

  /** Adds one and deletes one, as a Deployment does with one surging and none unavailable. */
  private Fault rollingRestart() throws InterruptedException {
    List<LocalReplica> before = replicas.mesh().replicas();
    List<Thread> removals = new ArrayList<>();
    for (LocalReplica old : before) {
      LocalReplica fresh = kubelet.add();
      Await.until(
          PATIENCE,
          "pod " + fresh.pod() + " is ready",
          () -> replicas.find(fresh.pod()).map(LocalReplica::ready).orElse(false));
      removals.add(Thread.ofVirtual().start(() -> kubelet.remove(old.pod())));
    }
    for (Thread removal : removals) {
      removal.join();
    }
    return Fault.over(before.size() + " pods");
  }

  private boolean allReady() {
    return replicas.mesh().replicas().stream().allMatch(LocalReplica::ready);
  }

  private void awaitGone(LocalReplica replica) throws InterruptedException {
    OptionalLong before = replica.pid();
    Await.until(
        PATIENCE,
        replica.pod() + " is dead",
        () -> replicas.find(replica.pod()).map(it -> !it.pid().equals(before)).orElse(true));
  }
}
