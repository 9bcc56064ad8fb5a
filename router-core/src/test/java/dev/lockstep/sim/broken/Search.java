package dev.lockstep.sim.broken;

import dev.lockstep.sim.explore.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * Looks for the first schedule that violates an invariant, from seed 1 on, on all processors. Which
 * one is the first does not depend on their number: a later seed that is found sooner waits for the
 * seeds before it.
 *
 * <p>Thread-safe: a counter, and a map of what was found.
 */
final class Search {

  /**
   * What a search found.
   *
   * @param seed of the first schedule that noticed
   * @param message of the violation
   */
  record Found(long seed, String message) {

    /** {@return the invariant that noticed; the world itself when no invariant stands for it} */
    String invariant() {
      int end = message.indexOf(':');
      boolean isName = end > 0 && message.substring(0, end).matches("[A-Z]\\w+");
      return isName ? message.substring(0, end) : "World";
    }
  }

  private final LongFunction<String> trial;
  private final String expected;
  private final AtomicLong seeds = new AtomicLong();
  private final AtomicLong limit;
  private final Map<Long, Found> found = new ConcurrentSkipListMap<>();

  /**
   * Prepares a search.
   *
   * @param trial what a schedule says: nothing, or what was violated
   * @param expected the invariant that must notice; empty if any will do
   * @param schedules after which it gives up
   */
  Search(LongFunction<String> trial, String expected, long schedules) {
    this.trial = trial;
    this.expected = expected;
    this.limit = new AtomicLong(schedules);
  }

  /** {@return what the first schedule said that noticed; empty if none did} */
  Optional<Found> run(int threads) throws InterruptedException {
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        Callable<Void> worker = this::work;
        workers.add(executor.submit(worker));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a schedule fails, and not by a violation", e.getCause());
    }
    return found.values().stream().findFirst();
  }

  private Void work() {
    for (long seed = seeds.incrementAndGet(); seed <= limit.get(); seed = seeds.incrementAndGet()) {
      Found one = new Found(seed, trial.apply(seed));
      if (counts(one)) {
        found.put(seed, one);
        limit.accumulateAndGet(seed, Math::min);
      }
    }
    return null;
  }

  private boolean counts(Found one) {
    boolean violated = !one.message.isEmpty() && !one.message.startsWith(Trial.MACHINE);
    return violated && (expected.isEmpty() || one.invariant().equals(expected));
  }
}
