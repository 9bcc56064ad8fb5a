package dev.lockstep.chaos.windows;

import dev.lockstep.bench.load.HttpConnection;
import dev.lockstep.bench.load.Reply;
import dev.lockstep.chaos.oracle.Fates;
import dev.lockstep.chaos.oracle.Journal;
import dev.lockstep.chaos.oracle.Outcome;
import dev.lockstep.chaos.oracle.Reach;
import dev.lockstep.local.kubelet.LocalReplica;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * A client for each replica, with 50 requests a second over one connection that it keeps as long as
 * the replica lets it. It opens another one only if it could still be sent there. Thread-safe.
 */
final class SteadyClients implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofMillis(20);

  /** Longer than any pause of a process: what hangs until it goes on may still succeed. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Reach reach;
  private final Fates fates;
  private final Journal journal;
  private final AtomicLongArray counts = new AtomicLongArray(Outcome.values().length);
  private final List<Thread> threads;

  /** Begins. */
  SteadyClients(List<LocalReplica> replicas, Reach reach, Fates fates, Journal journal) {
    this.reach = reach;
    this.fates = fates;
    this.journal = journal;
    this.threads =
        replicas.stream()
            .map(Visits::new)
            .map(it -> Thread.ofVirtual().name("client of " + it.pod).start(it::run))
            .toList();
  }

  /** {@return how many requests ended so, ever} */
  Map<Outcome, Long> counts() {
    Map<Outcome, Long> now = new EnumMap<>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      now.put(outcome, counts.get(outcome.ordinal()));
    }
    return now;
  }

  /** {@return how many requests ended so since these were counted} */
  Map<Outcome, Long> since(Map<Outcome, Long> before) {
    Map<Outcome, Long> more = counts();
    more.replaceAll((outcome, count) -> count - before.getOrDefault(outcome, 0L));
    return more;
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
  }

  /** The client of one replica. Confined to its thread. */
  private final class Visits {
    private final String pod;
    private final URI address;
    private final byte[] request = HttpConnection.request("GET", Routes.STEADY, "/");
    private @Nullable HttpConnection connection; // Null while there is none.

    Visits(LocalReplica replica) {
      this.pod = replica.pod();
      this.address = replica.http();
    }

    void run() {
      long next = System.nanoTime();
      try {
        while (!Thread.interrupted()) {
          visit();
          // What hung is not made up for: clients that wait send nothing.
          next = Math.max(next + PERIOD.toNanos(), System.nanoTime());
          Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        drop();
      }
    }

    private void visit() {
      if (connection != null && !connection.usable()) {
        drop();
      }
      boolean kept = connection != null;
      if (!kept && !reach.expected(pod)) {
        return; // Nobody is sent there any more.
      }
      long begin = System.nanoTime();
      try {
        HttpConnection used = connection;
        if (used == null) {
          used = HttpConnection.open(address, PATIENCE);
          connection = used;
        }
        judge(used.exchange(request), begin);
      } catch (UncheckedIOException e) {
        broke(e, begin, kept);
      }
    }

    private void judge(Reply reply, long begin) {
      if (reply.status() == 200 && reply.body().equals(Routes.STEADY_ANSWER)) {
        count(Outcome.ANSWERED, "");
      } else {
        count(excuse(begin), reply.status() + " " + reply.body().strip());
      }
    }

    private void broke(UncheckedIOException e, long begin, boolean kept) {
      boolean answered = connection != null && connection.answered();
      drop();
      if (Thread.currentThread().isInterrupted()) {
        return; // We end, not the router.
      }
      Outcome outcome = excuse(begin);
      if (outcome == Outcome.FAILED && kept && !answered) {
        // The server gave up an idle connection: any client asks again.
        count(Outcome.REOPENED, String.valueOf(e.getMessage()));
        visit();
        return;
      }
      long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
      String over = kept ? "a kept" : "a new";
      count(outcome, "%s over %s connection after %d ms".formatted(e.getMessage(), over, millis));
    }

    private Outcome excuse(long begin) {
      Optional<Fates.Excuse> excuse = fates.excuse(pod, begin, System.nanoTime());
      return switch (excuse.orElse(null)) {
        case KILLED -> Outcome.KILLED;
        case PAUSED -> Outcome.PAUSED;
        case null -> Outcome.FAILED;
      };
    }

    private void count(Outcome outcome, String text) {
      counts.incrementAndGet(outcome.ordinal());
      if (outcome != Outcome.ANSWERED) {
        journal.note("request", "%s at %s: %s".formatted(outcome.label(), pod, text));
      }
    }

    private void drop() {
      if (connection != null) {
        connection.close();
        connection = null;
      }
    }
  }
}
