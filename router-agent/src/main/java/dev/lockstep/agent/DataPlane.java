package dev.lockstep.agent;

import dev.lockstep.agent.storage.SnapshotStore;
import dev.lockstep.agent.storage.StoreOutcome;
import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.routing.RouteTable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes a config durable, then serves it on every event loop, then says so.
 *
 * <p>Confined to its own thread, but for {@link #find}, which any thread may call.
 */
final class DataPlane implements AutoCloseable {
  /** Configs kept for replicas that fetch one; they share their unchanged parts. */
  private static final int KEPT = 16;

  /** Serves a table on every event loop. */
  interface Serving {
    /** {@return done when every event loop serves the table; failed if all serve the old one} */
    CompletionStage<Void> swap(RouteTable table);
  }

  private final SnapshotStore store;
  private final Serving serving;
  private final Function<Throwable, List<ConfigProblem>> problems;
  private final Consumer<Event> events;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().name("install").daemon(true).unstarted(task));

  private final Deque<Snapshot> kept = new ArrayDeque<>();
  private @Nullable Snapshot stored;
  private @Nullable Snapshot compiled;
  private @Nullable RouteTable table;

  /**
   * A data plane that serves nothing yet.
   *
   * @param store keeps what is served for the next start
   * @param serving the proxy
   * @param problems puts a failed swap into words
   * @param events takes the outcomes
   */
  DataPlane(
      SnapshotStore store,
      Serving serving,
      Function<Throwable, List<ConfigProblem>> problems,
      Consumer<Event> events) {
    this.store = store;
    this.serving = serving;
    this.problems = problems;
    this.events = events;
  }

  /** What was loaded from disk is durable already: the next delta can build on it. */
  void loaded(Snapshot snapshot) {
    thread.execute(() -> stored = snapshot);
  }

  /** Installs a config; its outcome is an event. */
  void execute(Effect.Install install) {
    thread.execute(() -> install(install.snapshot()));
  }

  private void install(Snapshot snapshot) {
    try {
      if (!isStored(snapshot)
          && store.install(snapshot, Optional.ofNullable(stored))
              instanceof StoreOutcome.Lost(ConfigProblem problem)) {
        events.accept(new Event.InstallFailed(snapshot.version(), List.of(problem)));
        return;
      }
      stored = snapshot;
      RouteTable next = compile(snapshot);
      serving
          .swap(next)
          .whenComplete((done, thrown) -> thread.execute(() -> swapped(snapshot, next, thrown)));
    } catch (RuntimeException e) {
      failed(snapshot, e);
    }
  }

  private boolean isStored(Snapshot snapshot) {
    return stored != null && stored.version().equals(snapshot.version());
  }

  private RouteTable compile(Snapshot snapshot) {
    RouteTable base = table;
    Snapshot from = compiled;
    return base == null || from == null
        ? RouteTable.compile(snapshot)
        : base.update(snapshot, from.config().changesTo(snapshot.config()));
  }

  private void swapped(Snapshot snapshot, RouteTable next, @Nullable Throwable thrown) {
    if (thrown != null) {
      failed(snapshot, thrown);
      return;
    }
    table = next;
    compiled = snapshot;
    synchronized (kept) {
      kept.addFirst(snapshot);
      if (kept.size() > KEPT) {
        kept.removeLast();
      }
    }
    events.accept(new Event.Installed(snapshot.version()));
    store.tidy();
  }

  private void failed(Snapshot snapshot, Throwable thrown) {
    events.accept(new Event.InstallFailed(snapshot.version(), problems.apply(thrown)));
  }

  /** {@return the config with this digest, if it is one of the newest that were served here} */
  Optional<Snapshot> find(Digest digest) {
    synchronized (kept) {
      return kept.stream().filter(snapshot -> snapshot.digest().equals(digest)).findFirst();
    }
  }

  @Override
  public void close() {
    thread.execute(store::close);
    thread.shutdown();
  }
}
