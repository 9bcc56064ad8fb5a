package dev.lockstep.bench.load;

import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Sends requests by the clock over connections that stay open, and counts each answer from the
 * moment at which its request was due: a stall shows in all requests that were due in it. Each
 * connection has a thread and every n-th request; one that waits for an answer sends its next
 * request late, and that counts too. Thread-safe.
 */
public final class OpenLoop {
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

  private final URI target;
  private final int connections;
  private final String wanted;
  private final byte[] request;

  /**
   * Asks for one target.
   *
   * @param target where to connect to, with host and path to ask for
   * @param connections how many
   * @param wanted the body that must come back
   */
  public OpenLoop(URI target, int connections, String wanted) {
    this.target = target;
    this.connections = connections;
    this.wanted = wanted;
    this.request = HttpConnection.request("GET", target.getAuthority(), target.getRawPath());
  }

  /** {@return how its requests went at this rate per second} */
  public LoadTally run(double rate, Duration length) {
    return run(new Pace((long) (1e9 / rate), System.nanoTime(), length.toNanos()));
  }

  /** {@return how many requests per second it can send at most, each after an answer} */
  public double capacity(Duration length) {
    long begin = System.nanoTime();
    LoadTally tally = run(new Pace(0, begin, length.toNanos()));
    return tally.succeeded() / ((System.nanoTime() - begin) / 1e9);
  }

  /** When requests are due; a period of 0 means at once. */
  private record Pace(long periodNanos, long begin, long lengthNanos) {
    long due(long number) {
      return periodNanos == 0 ? System.nanoTime() : begin + number * periodNanos;
    }

    boolean over(long due) {
      return due - begin >= lengthNanos;
    }
  }

  private LoadTally run(Pace pace) {
    LoadTally tally = new LoadTally();
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new)) {
      for (int i = 0; i < connections; i++) {
        int first = i;
        threads.execute(() -> send(pace, first, tally));
      }
    }
    return tally;
  }

  private void send(Pace pace, int first, LoadTally tally) {
    try (HttpConnection connection = HttpConnection.open(target, READ_TIMEOUT)) {
      for (long i = first; !pace.over(pace.due(i)); i += connections) {
        long due = pace.due(i);
        Load.awaitTime(due);
        tally.begin(Integer.MAX_VALUE);
        Reply reply = connection.exchange(request);
        if (reply.status() == 200 && reply.body().equals(wanted)) {
          tally.succeed(reply.endedAt() - due);
        } else {
          tally.fail("wrong-answer", reply.status() + " " + reply.body());
        }
      }
    } catch (UncheckedIOException e) {
      // Its connection is gone; the fault fails the run, so nobody needs the rest.
      tally.fail("closed", String.valueOf(e.getMessage()));
    }
  }
}
