package dev.lockstep.agent.kubernetes.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.github.resilience4j.core.IntervalFunction;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Reads all objects of a kind by quorum, then watches them, for ever, until closed.
 *
 * <p>How it works: one thread of its own lists without a resourceVersion, which the API server
 * answers from a quorum, and watches from the list's resourceVersion. A watch that ends goes on
 * where it stopped, at its last event or bookmark; one that the server can no longer continue (410)
 * or that failed again and again starts with a list. A watch that is silent for longer than
 * bookmarks take is replaced: its connection may be dead without anybody noticing. Failures of any
 * kind only ever delay: nothing but a complete list or a deletion event says that an object is
 * gone.
 *
 * @param <T> kind of object
 * @param <L> list of them
 */
public final class Reflector<T extends HasMetadata, L extends KubernetesResourceList<T>>
    implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Reflector.class);

  /** The API server sends the first bookmark within two minutes, then one a minute. */
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(150);

  /** A watch is renewed this often, so that a server without bookmarks is noticed as well. */
  private static final long WATCH_SECONDS = 300;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
  private static final IntervalFunction PAUSE =
      IntervalFunction.ofExponentialRandomBackoff(FIRST_PAUSE, 2, 0.3, LONGEST_PAUSE);

  /** A watch that lived so long was a good one, even if there was nothing to tell. */
  private static final Duration LONG_LIFE = Duration.ofSeconds(10);

  /** So many failures in a row make the position suspect: the store may have gone back. */
  private static final int SUSPECT_FAILURES = 4;

  private static final int REMINDER = 60;
  private static final long NOWHERE = 0;

  private final String name;
  private final FilterWatchListDeletable<T, L, ?> objects;
  private final Consumer<SourceChange<T>> sink;
  private final Thread thread;
  private volatile boolean closed;
  private long position = NOWHERE;
  private int failures;

  /**
   * Starts at once.
   *
   * @param name for logs
   * @param objects which to list and watch
   * @param sink hears changes, from several threads; must not block
   */
  public Reflector(
      String name, FilterWatchListDeletable<T, L, ?> objects, Consumer<SourceChange<T>> sink) {
    this.name = name;
    this.objects = objects;
    this.sink = sink;
    this.thread = Thread.ofVirtual().name("reflector-" + name).start(this::run);
  }

  /** Stops without waiting. Changes that are on their way may still be told. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void run() {
    while (!closed) {
      try {
        listAndWatch();
      } catch (InterruptedException e) {
        // Only close() interrupts, and the loop's condition sees that.
      }
    }
  }

  /** The top of a loop that must go on: a server can answer anything. */
  private void listAndWatch() throws InterruptedException {
    try {
      if (position == NOWHERE) {
        list();
      }
      watch();
    } catch (RuntimeException e) {
      if (Calls.status(e) == HttpURLConnection.HTTP_GONE) {
        position = NOWHERE;
      }
      failed(e);
    }
    if (failures >= SUSPECT_FAILURES) {
      position = NOWHERE;
    }
    if (failures > 0) {
      Thread.sleep(PAUSE.apply(failures));
    }
  }

  private void list() {
    L list = objects.list();
    long resourceVersion = ResourceVersions.ofComplete(list.getMetadata());
    sink.accept(new SourceChange.Listed<>(list.getItems(), resourceVersion));
    position = resourceVersion;
  }

  private void watch() throws InterruptedException {
    WatchSession<T> session = new WatchSession<>(position, sink);
    WatchSession.End end;
    long begin = System.nanoTime();
    try (Watch watch = objects.watch(options(), session)) {
      log.atDebug().addKeyValue("kind", name).addKeyValue("from", position).log("Watch started");
      end = session.await(LONGEST_SILENCE);
    }
    position = end == WatchSession.End.EXPIRED ? NOWHERE : session.position();
    boolean good = session.wasUseful() || System.nanoTime() - begin > LONG_LIFE.toNanos();
    failures = good ? 0 : failures + 1;
    log.atDebug().addKeyValue("kind", name).addKeyValue("end", end).log("Watch ended");
  }

  private ListOptions options() {
    return new ListOptionsBuilder()
        .withResourceVersion(Long.toString(position))
        .withAllowWatchBookmarks(true)
        .withTimeoutSeconds(WATCH_SECONDS)
        .build();
  }

  private void failed(RuntimeException e) {
    failures++;
    if (closed) {
      return;
    }
    String reason = Calls.reason(e);
    // An outage is one piece of news, not one a second.
    boolean worthSaying = failures == 1 || failures % REMINDER == 0;
    log.atLevel(worthSaying ? Level.WARN : Level.DEBUG)
        .addKeyValue("kind", name)
        .addKeyValue("failures", failures)
        .addKeyValue("reason", reason)
        .log("List or watch failed");
    sink.accept(new SourceChange.Failed<>(reason));
  }
}
