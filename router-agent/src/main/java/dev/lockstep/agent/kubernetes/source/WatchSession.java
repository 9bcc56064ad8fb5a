package dev.lockstep.agent.kubernetes.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One watch, from its start to its end, and how far it came.
 *
 * <p>Thread-safe: written by the client's thread, read by the reflector's.
 */
final class WatchSession<T extends HasMetadata> implements Watcher<T> {

  /** How a watch ended. */
  enum End {
    /** It can go on where it stopped. */
    CLOSED,
    /** What follows is no longer known to the server: list again. */
    EXPIRED,
    /** Nothing was heard for too long, not even a bookmark: the connection may be dead. */
    SILENT
  }

  private final Consumer<SourceChange<T>> sink;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile long position;
  private volatile long heardAt = System.nanoTime();
  private volatile int heard;
  private volatile @Nullable WatcherException cause;

  WatchSession(long from, Consumer<SourceChange<T>> sink) {
    this.position = from;
    this.sink = sink;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // One thread writes: the client calls in order.
  public void eventReceived(Action action, T object) {
    heardAt = System.nanoTime();
    heard++;
    switch (action) {
      case ADDED, MODIFIED -> sink.accept(new SourceChange.Seen<>(object));
      case DELETED -> sink.accept(new SourceChange.Deleted<>(object));
      case BOOKMARK, ERROR -> {
        // A bookmark only moves the position; an error ends the watch and comes as its cause.
      }
    }
    if (action != Action.ERROR) {
      position = ResourceVersions.of(object);
    }
  }

  @Override
  public void onClose() {
    ended.countDown();
  }

  @Override
  public void onClose(WatcherException cause) {
    this.cause = cause;
    ended.countDown();
  }

  /** Waits for the end. {@return how it came} */
  End await(Duration longestSilence) throws InterruptedException {
    while (true) {
      long silent = System.nanoTime() - heardAt;
      long left = longestSilence.toNanos() - silent;
      if (left <= 0) {
        return End.SILENT;
      }
      if (ended.await(left, TimeUnit.NANOSECONDS)) {
        WatcherException why = cause;
        return why != null && why.isHttpGone() ? End.EXPIRED : End.CLOSED;
      }
    }
  }

  /** {@return resourceVersion of the last event or bookmark} */
  long position() {
    return position;
  }

  /** {@return whether the watch told anything at all} */
  boolean wasUseful() {
    return heard > 0;
  }
}
