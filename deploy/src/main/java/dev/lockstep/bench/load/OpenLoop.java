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

  /** Hears what becomes of requests. Thread-safe. */
  public interface Listener {

    /** A request is sent. */
    default void sends() {}

    /** An answer has come to a request that was due at this moment, and sent at that one. */
    void answered(Reply reply, long due, long sent);

    /** A connection is gone, and with it its requests. */
    void lost(String why);
  }

  /** {@return how its requests went at this rate per second} */
  public LoadTally run(double rate, Duration length) {
    return run(pace(rate, length));
  }

  /** Sends requests at this rate per second; returns behind the last answer. */
  public void run(double rate, Duration length, Listener listener) {
    run(pace(rate, length), listener);
  }

  private static Pace pace(double rate, Duration length) {
    return new Pace((long) (1e9 / rate), System.nanoTime(), length.toNanos());
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
    run(pace, new Counting(tally));
    return tally;
  }

  /** Only one body is right. */
  private final class Counting implements Listener {
    private final LoadTally tally;

    Counting(LoadTally tally) {
      this.tally = tally;
    }

    @Override
    public void sends() {
      tally.begin(Integer.MAX_VALUE);
    }

    @Override
    public void answered(Reply reply, long due, long sent) {
      if (isRight(reply)) {
        tally.succeed(reply.endedAt() - due);
      } else {
        tally.fail("wrong-answer", reply.status() + " " + reply.body());
      }
    }

    @Override
    public void lost(String why) {
      tally.fail("closed", why);
    }
  }

  /** {@return whether it is what is wanted} */
  public boolean isRight(Reply reply) {
    return reply.status() == 200 && reply.body().equals(wanted);
  }

  private void run(Pace pace, Listener listener) {
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new)) {
      for (int i = 0; i < connections; i++) {
        int first = i;
        threads.execute(() -> send(pace, first, listener));
      }
    }
  }

  private void send(Pace pace, int first, Listener listener) {
    try (HttpConnection connection = HttpConnection.open(target, READ_TIMEOUT)) {
      for (long i = first; !pace.over(pace.due(i)); i += connections) {
        long due = pace.due(i);
        Load.awaitTime(due);
        listener.sends();
        long sent = System.nanoTime();
        listener.answered(connection.exchange(request), due, sent);
      }
    } catch (UncheckedIOException e) {
      // Its connection is gone; the fault fails the run, so nobody needs the rest.
      listener.lost(String.valueOf(e.getMessage()));
    }
  }
}
