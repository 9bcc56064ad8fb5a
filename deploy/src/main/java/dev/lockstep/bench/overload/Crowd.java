package dev.lockstep.bench.overload;

import dev.lockstep.bench.load.OpenLoop;
import dev.lockstep.bench.load.Reply;
import dev.lockstep.bench.load.Spread;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Clients that ask by the clock and take 503 for an answer, each over a connection that stays open.
 * Thread-safe.
 */
final class Crowd {
  private final OpenLoop loop;

  /** So many clients of this target, who want this body. */
  Crowd(URI target, int clients, String wanted) {
    this.loop = new OpenLoop(target, clients, wanted);
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
    Tally tally = new Tally(loop);
    long begin = System.nanoTime();
    loop.run(rate, length, tally);
    return tally.outcome((System.nanoTime() - begin) / 1e9);
  }

  /** Counts. Thread-safe: one lock. */
  private static final class Tally implements OpenLoop.Listener {
    private final OpenLoop loop;
    private final List<Long> served = new ArrayList<>();
    private final List<Long> refused = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();

    Tally(OpenLoop loop) {
      this.loop = loop;
    }

    @Override
    public synchronized void answered(Reply reply, long due, long sent) {
      if (loop.isRight(reply)) {
        served.add(reply.endedAt() - due);
      } else if (reply.status() == 503) {
        refused.add(reply.endedAt() - sent);
      } else {
        faults.add(reply.status() + " " + reply.body());
      }
    }

    @Override
    public synchronized void lost(String why) {
      faults.add(why);
    }

    synchronized Outcome outcome(double seconds) {
      return new Outcome(seconds, spread(served), spread(refused), faults);
    }

    private static Optional<Spread> spread(List<Long> nanos) {
      return nanos.isEmpty() ? Optional.empty() : Optional.of(Spread.of(nanos));
    }
  }
}
