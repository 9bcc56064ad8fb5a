package dev.lockstep.bench.load;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * A steady client: sends requests at a fixed rate, by the clock and not by the answers, until its
 * input ends, and then prints how they went.
 *
 * <p>Every second request has a connection of its own, the others share connections that stay open,
 * as browsers and services do both. A request on a shared connection that the server closed before
 * it answered a byte is sent once more on a new one, which HTTP allows and every client does; it is
 * counted as reopened. Everything else that is not the wanted answer is a failure, and none is
 * tried again.
 *
 * <p>Needs nothing but a JDK and this package.
 */
public final class Load {
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);
  private static final int MOST_AT_ONCE = 1_000;

  private final URI target;
  private final byte[] request;
  private final String wanted;
  private final long periodNanos;
  private final LoadTally tally = new LoadTally();
  private final Deque<HttpConnection> idle = new ArrayDeque<>(); // Guarded by itself.
  private volatile boolean stopped;

  /**
   * A client of one address.
   *
   * @param target where to connect to, with the path to ask for
   * @param host the host to ask for
   * @param wanted what a right answer begins with, beside its status 200
   * @param rate requests per second
   */
  private Load(URI target, String host, String wanted, int rate) {
    this.target = target;
    this.request = HttpConnection.request("GET", host, target.getRawPath());
    this.wanted = wanted;
    this.periodNanos = 1_000_000_000L / rate;
  }

  /**
   * Takes {@code HOST WANTED} and then {@code RATE URL} for each address; prints one line of {@code
   * key=value} for each, and one line for each failure.
   */
  public static void main(String[] arguments) throws IOException {
    Locale.setDefault(Locale.ROOT);
    List<String> given = List.of(arguments);
    if (given.size() < 4 || given.size() % 2 != 0) {
      System.err.println("load: expected HOST WANTED RATE URL [RATE URL]...");
      System.exit(2);
    }
    List<Load> loads = new ArrayList<>();
    for (int i = 2; i < given.size(); i += 2) {
      URI target = URI.create(given.get(i + 1));
      loads.add(new Load(target, given.get(0), given.get(1), Integer.parseInt(given.get(i))));
    }
    try (ExecutorService clients = Executors.newThreadPerTaskExecutor(Thread::new)) {
      loads.forEach(load -> clients.execute(load::run));
      System.in.transferTo(OutputStream.nullOutputStream());
      loads.forEach(load -> load.stopped = true);
    }
  }

  /** Sends until it is stopped, waits for the last answers, and prints. */
  private void run() {
    try (ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
      long start = System.nanoTime();
      for (long i = 0; !stopped; i++) {
        long due = start + i * periodNanos;
        awaitTime(due);
        Kind kind = i % 2 == 0 ? Kind.SHARED : Kind.OWN;
        if (tally.begin(MOST_AT_ONCE)) {
          requests.execute(() -> send(due, kind));
        } else {
          tally.refuse();
        }
      }
    }
    synchronized (idle) {
      idle.forEach(HttpConnection::close);
    }
    System.out.print(tally.text(target));
  }

  /** Waits for this moment on the monotonic clock. */
  public static void awaitTime(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** Whose connection a request goes over. */
  private enum Kind {
    SHARED,
    OWN
  }

  private void send(long due, Kind kind) {
    try {
      Reply reply =
          switch (kind) {
            case SHARED -> shared();
            case OWN -> own();
          };
      if (reply.status() != 200) {
        tally.fail("status-" + reply.status(), reply.body());
      } else if (!reply.body().startsWith(wanted)) {
        tally.fail("wrong-answer", reply.body());
      } else {
        tally.succeed(System.nanoTime() - due);
      }
    } catch (UncheckedIOException e) {
      tally.fail(kind(e), String.valueOf(e.getMessage()));
    }
  }

  private Reply own() {
    try (HttpConnection connection = HttpConnection.open(target, READ_TIMEOUT)) {
      return connection.exchange(request);
    }
  }

  private Reply shared() {
    Optional<HttpConnection> old = take();
    if (old.isPresent()) {
      HttpConnection connection = old.get();
      try {
        return exchange(connection);
      } catch (UncheckedIOException e) {
        connection.close();
        if (connection.answered() || e.getCause() instanceof SocketTimeoutException) {
          throw e;
        }
        tally.reopen();
      }
    }
    return exchange(HttpConnection.open(target, READ_TIMEOUT));
  }

  private Reply exchange(HttpConnection connection) {
    Reply reply = connection.exchange(request);
    if (!connection.usable()) {
      connection.close();
      return reply;
    }
    synchronized (idle) {
      idle.addLast(connection);
    }
    return reply;
  }

  /** {@return the connection that was not used for the longest time: all of them stay in use} */
  private Optional<HttpConnection> take() {
    synchronized (idle) {
      return Optional.ofNullable(idle.pollFirst());
    }
  }

  private static String kind(UncheckedIOException e) {
    return switch (e.getCause()) {
      case ConnectException refused -> "refused";
      case NoRouteToHostException unreachable -> "unreachable";
      case SocketTimeoutException timeout -> "timeout";
      case IOException closed -> "closed";
      case null -> "closed";
    };
  }
}
