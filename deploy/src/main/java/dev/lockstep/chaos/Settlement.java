package dev.lockstep.chaos;

import dev.lockstep.chaos.oracle.Oracle;
import dev.lockstep.chaos.oracle.Violations;
import dev.lockstep.chaos.workload.Workload;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.process.Progress;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * The end of a run: no fault, no change any more. The mesh must come back, say that all is live,
 * and every replica must serve for each route exactly what was written last.
 */
final class Settlement {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Duration POLL = Duration.ofMillis(200);

  private final Supplier<List<LocalReplica>> replicas;
  private final Workload workload;
  private final Oracle oracle;
  private final Progress progress;

  Settlement(Started started, Progress progress) {
    this.replicas = started.replicas();
    this.workload = started.workload();
    this.oracle = started.oracle();
    this.progress = progress;
  }

  /** Checks it, and notes what is wrong. */
  void check() throws InterruptedException {
    long begin = System.nanoTime();
    long deadline = begin + PATIENCE.toNanos();
    List<String> missing = missing();
    while (!missing.isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(POLL);
      missing = missing();
    }
    missing.forEach(it -> oracle.violations().add(Violations.Kind.NOT_RECOVERED, "", it));
    List<String> lost = workload.lost(replicas.get());
    lost.forEach(it -> oracle.violations().add(Violations.Kind.LOST_UPDATE, "", it));
    if (missing.isEmpty() && lost.isEmpty()) {
      progress.say(
          "all is as it was written last, %.1f s after the last fault"
              .formatted((System.nanoTime() - begin) / 1e9));
    }
  }

  private List<String> missing() {
    List<String> unready =
        replicas.get().stream()
            .filter(it -> !it.ready())
            .map(LocalReplica::pod)
            .map(it -> "pod " + it + ": not ready (expected: ready, with all healed)")
            .toList();
    return unready.isEmpty() ? workload.unopened(replicas.get()) : unready;
  }
}
