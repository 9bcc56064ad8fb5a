package dev.lockstep.chaos.windows;

import dev.lockstep.chaos.oracle.Outcome;
import dev.lockstep.chaos.windows.Strikes.Strike;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * One trial: a trouble, and at the same moment a write; then clocks run until the change has a
 * version, until it is called live, until who was hit is back, and until all is calm. Confined to
 * one thread.
 */
final class Measurement {
  /**
   * So long a barrier may take. After that Kubernetes would begin to delete the pods of a lost
   * node, which nobody does here.
   */
  static final Duration BOUND = Duration.ofMinutes(5);

  /** Twice the renew period of the Lease: a trouble may come at any moment of it. */
  private static final int PHASE_MILLIS = 3_000;

  private static final Duration POLL = Duration.ofMillis(5);

  private final WindowsMesh.Started parts;
  private final RandomGenerator random;
  private long endedAt; // When the trouble ended, in nanoseconds; 0 while it lasts.

  /** Works on a mesh that is calm. */
  Measurement(WindowsMesh.Started parts, RandomGenerator random) {
    this.parts = parts;
    this.random = random;
  }

  /** Makes the trouble of a row; returns when the mesh is calm again. */
  Trial run(Row row) throws InterruptedException {
    Thread.sleep(random.nextInt(PHASE_MILLIS));
    long begin = System.nanoTime();
    Map<Outcome, Long> before = parts.clients().counts();

    Strike strike = parts.strikes().begin(row);
    long struckAt = System.nanoTime();
    HasMetadata change = parts.routes().change();
    long writtenAt = System.nanoTime();

    endedAt = 0;
    Trial.Windows windows;
    try (Askers askers = new Askers(parts.mesh().replicas(), change)) {
      OptionalLong openAt = awaitOpen(askers, strike, struckAt);
      windows = windows(openAt, struckAt, writtenAt);
    } finally {
      // Whatever happened, nothing stays cut or stopped.
      endAfter(strike, struckAt);
    }
    Optional<Duration> back = parts.calm().awaitBack(strike, endedAt);
    parts.calm().await();
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    return new Trial(
        row,
        new Trial.Windows(windows.published(), windows.open(), back),
        parts.clients().since(before),
        took);
  }

  private OptionalLong awaitOpen(Askers askers, Strike strike, long struckAt)
      throws InterruptedException {
    while (askers.opened().isEmpty() && System.nanoTime() - struckAt < BOUND.toNanos()) {
      if (endedAt == 0 && isOver(strike, struckAt)) {
        end(strike);
      }
      Thread.sleep(POLL);
    }
    return askers.opened();
  }

  private Trial.Windows windows(OptionalLong openAt, long struckAt, long writtenAt) {
    if (openAt.isEmpty()) {
      return new Trial.Windows(Optional.empty(), Optional.empty(), Optional.empty());
    }
    long open = openAt.getAsLong();
    // The log may see it a turn later than somebody was told that it is everywhere.
    long published = Math.min(open, parts.lease().newestSince(struckAt).orElse(open));
    return new Trial.Windows(
        Optional.of(Duration.ofNanos(Math.max(0, published - writtenAt))),
        Optional.of(Duration.ofNanos(Math.max(0, open - writtenAt))),
        Optional.empty());
  }

  private void endAfter(Strike strike, long struckAt) throws InterruptedException {
    while (endedAt == 0) {
      if (strike.lasts().isEmpty() || isOver(strike, struckAt)) {
        end(strike);
      } else {
        Thread.sleep(POLL);
      }
    }
  }

  private static boolean isOver(Strike strike, long struckAt) {
    long passed = System.nanoTime() - struckAt;
    return strike.lasts().map(it -> passed >= it.toNanos()).orElse(false);
  }

  private void end(Strike strike) throws InterruptedException {
    endedAt = System.nanoTime();
    strike.end().run();
  }
}
