package dev.lockstep.chaos.workload;

import dev.lockstep.bench.load.FixedBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The backends: each answers with its number, so that an answer tells which content of a route led
 * to it. They live for the whole run.
 */
final class Slots implements AutoCloseable {
  /** So many changes of one route later a number comes again. */
  static final int COUNT = 64;

  private final List<FixedBackend> backends = new ArrayList<>();

  /** Starts them. */
  Slots() {
    for (int i = 0; i < COUNT; i++) {
      backends.add(FixedBackend.start("slot-" + i, 0));
    }
  }

  FixedBackend get(int slot) {
    return backends.get(slot);
  }

  /** {@return the slot that listens on this port} */
  OptionalInt at(int port) {
    for (int i = 0; i < COUNT; i++) {
      if (backends.get(i).port() == port) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  @Override
  public void close() {
    backends.forEach(FixedBackend::close);
  }
}
