package dev.lockstep.bench;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One change, as the pollers of all replicas look out for it together. Thread-safe.
 *
 * <p>A poller goes on after the change is live there, until it has also asked often enough after
 * the barrier opened: that is where a false open would show.
 */
final class Watch {
  private final Change change;
  private final CountDownLatch unready;
  private final CompletableFuture<Long> opened = new CompletableFuture<>();

  /** Of a change, by so many pollers. */
  Watch(Change change, int pollers) {
    this.change = change;
    this.unready = new CountDownLatch(pollers);
  }

  Change change() {
    return change;
  }

  /** Tells that one more poller has asked its replica once. */
  void ready() {
    unready.countDown();
  }

  /** Waits until all pollers have asked once, so that no connection is cold when it counts. */
  boolean awaitReady(long seconds) throws InterruptedException {
    return unready.await(seconds, TimeUnit.SECONDS);
  }

  /** Tells when the answer of the barrier was there, on the monotonic clock. */
  void open(long at) {
    opened.complete(at);
  }

  /** {@return whether a request that started then, started after the barrier's answer} */
  boolean openBefore(long start) {
    return opened.isDone() && opened.join() < start;
  }

  /** {@return when the answer of the barrier was there} */
  long openedAt() {
    return opened.join();
  }
}
