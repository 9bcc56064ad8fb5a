package dev.lockstep.bench.overload;

import dev.lockstep.bench.load.HttpConnection;
import dev.lockstep.bench.load.Load;
import dev.lockstep.bench.load.Reply;
import dev.lockstep.bench.load.Spread;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Clients that ask by the clock and take 503 for an answer, each over a connection that stays open.
 * Thread-safe.
 */
final class Crowd {
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

  private final URI target;
  private final int clients;
  private final String wanted;
  private final byte[] request;

  /** So many clients of this target, who want this body. */
  Crowd(URI target, int clients, String wanted) {
    this.target = target;
    this.clients = clients;
    this.wanted = wanted;
    this.request = HttpConnection.request("GET", target.getAuthority(), target.getRawPath());
  }

  /**
   * What became of the requests.
   *
   * @param seconds from the first request to the last answer
   * @param served how long those took that were served, from the moment at which they were due
   * @param refused how long those took that were turned away, from the moment they were sent
   * @param faults everything else, in words
   */
  record Outcome(
      double seconds, Optional<Spread> served, Optional<Spread> refused, List<String> faults) {
    /** Copies the faults. */
    Outcome {
      faults = List.copyOf(faults);
    }

    /** {@return right answers per second} */
    double goodput() {
      return served.map(Spread::count).orElse(0) / seconds;
    }
  }

  /** {@return what became of requests at this rate per second, for so long} */
  Outcome ask(double rate, Duration length) {
    Tally tally = new Tally();
    Pace pace =
        new Pace((long) (TimeUnit.SECONDS.toNanos(1) / rate), System.nanoTime(), length.toNanos());
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new)) {
      for (int i = 0; i < clients; i++) {
        int first = i;
        threads.execute(() -> ask(pace, first, tally));
      }
    }
    return tally.outcome((System.nanoTime() - pace.begin) / 1e9);
  }

  /** When requests are due. */
  private record Pace(long periodNanos, long begin, long lengthNanos) {}

  private void ask(Pace pace, int first, Tally tally) {
    try (HttpConnection connection = HttpConnection.open(target, READ_TIMEOUT)) {
      for (long at = first * pace.periodNanos; at < pace.lengthNanos; ) {
        ask(connection, pace.begin + at, tally);
        at += clients * pace.periodNanos;
      }
    } catch (UncheckedIOException e) {
      tally.fault(String.valueOf(e.getMessage()));
    }
  }

  private void ask(HttpConnection connection, long due, Tally tally) {
    Load.awaitTime(due);
    long sent = System.nanoTime();
    Reply reply = connection.exchange(request);
    if (reply.status() == 200 && reply.body().equals(wanted)) {
      tally.served(reply.endedAt() - due);
    } else if (reply.status() == 503) {
      tally.refused(reply.endedAt() - sent);
    } else {
      tally.fault(reply.status() + " " + reply.body());
    }
  }

  /** Counts. Thread-safe: one lock. */
  private static final class Tally {
    private final List<Long> served = new ArrayList<>();
    private final List<Long> refused = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();

    synchronized void served(long nanos) {
      served.add(nanos);
    }

    synchronized void refused(long nanos) {
      refused.add(nanos);
    }

    synchronized void fault(String what) {
      faults.add(what);
    }

    synchronized Outcome outcome(double seconds) {
      return new Outcome(seconds, spread(served), spread(refused), faults);
    }

    private static Optional<Spread> spread(List<Long> nanos) {
      return nanos.isEmpty() ? Optional.empty() : Optional.of(Spread.of(nanos));
    }
  }
}
