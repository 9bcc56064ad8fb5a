package dev.lockstep.chaos.windows;

import dev.lockstep.local.MeshQuestions;
import dev.lockstep.local.kubelet.LocalReplica;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ask every replica whether a change is live, each again and again until one says so: a caller that
 * finds a replica that answers, whichever that is. Thread-safe.
 */
final class Askers implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration AGAIN = Duration.ofMillis(15);

  private final MeshQuestions questions = new MeshQuestions();
  private final HasMetadata change;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong opened = new AtomicLong(Long.MAX_VALUE);

  /** Begins to ask about the change, as the API server returned it. */
  Askers(List<LocalReplica> replicas, HasMetadata change) {
    this.change = change;
    replicas.forEach(
        it ->
            threads.add(
                Thread.ofVirtual().name("asker of " + it.pod()).start(() -> askUntilOpen(it))));
  }

  /** {@return when the first one was told that it is live, if one was} */
  OptionalLong opened() {
    long at = opened.get();
    return at == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(at);
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    // Not waited for: a question to a replica that is stopped in place ends by its own timeout.
    Thread.ofVirtual().name("askers").start(questions::close);
  }

  private void askUntilOpen(LocalReplica replica) {
    try {
      while (opened().isEmpty() && !Thread.interrupted()) {
        if (ask(replica)) {
          opened.accumulateAndGet(System.nanoTime(), Math::min);
          return;
        }
        Thread.sleep(AGAIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      // Interrupted in the middle of a question: another one was told.
    }
  }

  private boolean ask(LocalReplica replica) {
    try {
      return questions.barrier(replica.api(), change, MeshQuestions.State.PRESENT, TIMEOUT).open();
    } catch (UncheckedIOException e) {
      return false; // It is away: asked again.
    }
  }
}
