package dev.lockstep.chaos.oracle;

import dev.lockstep.local.kubelet.LocalReplica;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The clients of all replicas: as many for each that comes, none for one that is gone. */
public final class Visitors implements AutoCloseable {
  private static final Duration TURN = Duration.ofMillis(200);
  private static final Duration OFTEN = Duration.ofMillis(100);
  private static final Duration SELDOM = Duration.ofMillis(300);
  private static final int KEEPERS = 3;

  private final Oracle oracle;
  private final Reach reach;
  private final Fates fates;
  private final Supplier<List<LocalReplica>> replicas;
  private final Map<String, List<Visitor>> byPod = new LinkedHashMap<>();
  private final Thread thread;

  /** Visits whoever is there. */
  public Visitors(Oracle oracle, Reach reach, Fates fates, Supplier<List<LocalReplica>> replicas) {
    this.oracle = oracle;
    this.reach = reach;
    this.fates = fates;
    this.replicas = replicas;
    this.thread = Thread.ofVirtual().name("visitors").start(this::keepUp);
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    byPod.values().forEach(all -> all.forEach(Visitor::end));
  }

  private void keepUp() {
    try {
      while (!Thread.interrupted()) {
        List<LocalReplica> now = replicas.get();
        List<String> pods = now.stream().map(LocalReplica::pod).toList();
        byPod.forEach(
            (pod, visitors) -> {
              if (!pods.contains(pod)) {
                visitors.forEach(Visitor::close);
              }
            });
        byPod.keySet().retainAll(pods);
        now.forEach(it -> byPod.computeIfAbsent(it.pod(), pod -> visitors(it)));
        Thread.sleep(TURN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Visitor> visitors(LocalReplica replica) {
    List<Visitor> all = new ArrayList<>();
    for (int i = 0; i < KEEPERS; i++) {
      all.add(visitor(replica, replica.http(), Visitor.Habit.KEEPS, OFTEN));
    }
    all.add(visitor(replica, replica.https(), Visitor.Habit.KEEPS, OFTEN));
    all.add(visitor(replica, replica.http(), Visitor.Habit.RENEWS, OFTEN));
    all.add(visitor(replica, replica.https(), Visitor.Habit.RENEWS, SELDOM));
    return all;
  }

  private Visitor visitor(LocalReplica of, URI address, Visitor.Habit habit, Duration period) {
    Supplier<Optional<LocalReplica>> now =
        () -> replicas.get().stream().filter(it -> it.pod().equals(of.pod())).findFirst();
    return new Visitor(
        oracle, reach, fates, new Visitor.Target(of.pod(), address, habit, period, now));
  }
}
