package dev.lockstep.kubernetes;

import static org.assertj.core.api.Assertions.fail;

import dev.lockstep.core.protocol.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Hears events, and waits for the ones that a test needs. */
final class Recorder implements Consumer<Event> {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final BlockingQueue<Event> queue = new LinkedBlockingQueue<>();
  private final List<Event> passed = new ArrayList<>();

  @Override
  public void accept(Event event) {
    queue.add(event);
  }

  /** {@return the next event of this type; others before it are passed over} */
  <T extends Event> T next(Class<T> type) {
    return next(type, event -> true);
  }

  /** {@return the next event of this type that fits; others before it are passed over} */
  <T extends Event> T next(Class<T> type, Predicate<T> fits) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Event event = poll(deadline - System.nanoTime());
      if (event == null) {
        return fail("no %s came, but %s", type.getSimpleName(), passed);
      }
      passed.add(event);
      if (type.isInstance(event) && fits.test(type.cast(event))) {
        return type.cast(event);
      }
    }
  }

  /** {@return the next event, which is of this type} */
  <T extends Event> T only(Class<T> type) {
    Event event = poll(PATIENCE.toNanos());
    if (!type.isInstance(event)) {
      return fail("%s came (expected: %s)", event, type.getSimpleName());
    }
    return type.cast(event);
  }

  /** {@return the events that are there and were not taken yet} */
  List<Event> rest() {
    List<Event> rest = new ArrayList<>();
    queue.drainTo(rest);
    return rest;
  }

  private Event poll(long nanos) {
    try {
      return queue.poll(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("a test was interrupted", e);
    }
  }
}
