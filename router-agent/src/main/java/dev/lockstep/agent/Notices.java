package dev.lockstep.agent;

import dev.lockstep.core.protocol.Effect;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Hands what the machine announces to all who listen, in order. Thread-safe. */
final class Notices {
  private final CopyOnWriteArrayList<Consumer<Effect.Notice>> listeners =
      new CopyOnWriteArrayList<>();

  /** Listens from now on, until the returned action is run. The listener must not block. */
  Runnable subscribe(Consumer<Effect.Notice> listener) {
    // An entry of its own, so that the same listener can listen twice and end once.
    Consumer<Effect.Notice> entry = listener::accept;
    listeners.add(entry);
    return () -> listeners.remove(entry);
  }

  void announce(Effect.Notice notice) {
    listeners.forEach(listener -> listener.accept(notice));
  }
}
