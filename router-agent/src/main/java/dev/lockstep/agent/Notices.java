package dev.lockstep.agent;

import dev.lockstep.core.Replica;
import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.Effect;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;

/**
 * Hands what the machine announces to all who listen, in order and with a picture of the replica
 * right after the step, on a thread of its own: nobody who listens holds up the machine.
 * Thread-safe.
 */
final class Notices implements AutoCloseable {
  private final CopyOnWriteArrayList<BiConsumer<Effect.Notice, ReplicaView>> listeners =
      new CopyOnWriteArrayList<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().name("notices").daemon(true).unstarted(task));

  /** Listens from now on, until the returned action is run. The listener must not block. */
  Runnable subscribe(BiConsumer<Effect.Notice, ReplicaView> listener) {
    // An entry of its own, so that the same listener can listen twice and end once.
    BiConsumer<Effect.Notice, ReplicaView> entry = listener::accept;
    listeners.add(entry);
    return () -> listeners.remove(entry);
  }

  /** Tells, later, what the machine announced in the step that led to this state. */
  void announce(Effect.Notice notice, Replica state) {
    thread.execute(
        () -> {
          ReplicaView view = state.view();
          listeners.forEach(listener -> listener.accept(notice, view));
        });
  }

  /** Tells what was announced before, and nothing after. */
  @Override
  public void close() {
    thread.close();
  }
}
