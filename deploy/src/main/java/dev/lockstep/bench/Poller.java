package dev.lockstep.bench;

import dev.lockstep.bench.load.HttpConnection;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Asks one replica for one route, over one connection that stays open, again and again while a
 * change is watched. One thread of its own; the period bounds the load.
 */
final class Poller implements AutoCloseable {
  /** So many requests after the barrier opened must show the new state. */
  private static final int CHECKS_AFTER_OPEN = 8;

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);

  private final URI replica;
  private final byte[] request;
  private final long periodNanos;
  private final LinkedBlockingQueue<Order> orders = new LinkedBlockingQueue<>();
  private final Thread thread;
  private @Nullable HttpConnection connection; // Null before the first use and after a failure.

  /** What the thread works off. */
  private record Order(Watch watch, CompletableFuture<Sighting> result) {}

  /** Starts a poller for a replica's address. */
  Poller(URI replica, String host, Duration period) {
    this.replica = replica;
    this.request = HttpConnection.request("GET", host, "/");
    this.periodNanos = period.toNanos();
    this.thread = Thread.ofPlatform().name("poller " + replica).daemon().start(this::work);
  }

  /** {@return what the replica will have served when the change is over} */
  CompletableFuture<Sighting> begin(Watch watch) {
    CompletableFuture<Sighting> result = new CompletableFuture<>();
    orders.add(new Order(watch, result));
    return result;
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void work() {
    try {
      while (true) {
        Order order = orders.take();
        order.result.complete(poll(order.watch));
      }
    } catch (InterruptedException e) {
      drop();
    }
  }

  private Sighting poll(Watch watch) {
    Sighting sighting = new Sighting(watch);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    long start = System.nanoTime();
    while (!over(sighting) && start < deadline && !Thread.currentThread().isInterrupted()) {
      ask(sighting);
      watch.ready();
      LockSupport.parkNanos(start + periodNanos - System.nanoTime());
      start = System.nanoTime();
    }
    return sighting;
  }

  private static boolean over(Sighting sighting) {
    return sighting.liveAt().isPresent() && sighting.checksAfterOpen() >= CHECKS_AFTER_OPEN;
  }

  private void ask(Sighting sighting) {
    try {
      HttpConnection open = connected();
      // AFTER the connection is there: the request starts here.
      long start = System.nanoTime();
      sighting.note(start, open.exchange(request));
    } catch (UncheckedIOException e) {
      sighting.noteBroken();
      drop();
    }
  }

  private HttpConnection connected() {
    if (connection == null || !connection.usable()) {
      drop();
      connection = HttpConnection.open(replica, READ_TIMEOUT);
    }
    return connection;
  }

  private void drop() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
