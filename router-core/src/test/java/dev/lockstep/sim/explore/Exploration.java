package dev.lockstep.sim.explore;

import dev.lockstep.sim.engine.Marks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;

/** A run of many schedules, on all processors: what they met, and what went wrong. */
final class Exploration {

  private static final int SHOWN = 200;
  private static final int ENOUGH_FAILURES = 3;
  private static final long REPORT_EVERY = 50_000;

  private final long first;
  private final long count;
  private final Marks marks = new Marks();
  private final Coverage coverage = new Coverage();
  private final LongAdder done = new LongAdder();
  private final LongAdder events = new LongAdder();
  private final LongAdder simulatedMillis = new LongAdder();
  private final ConcurrentSkipListMap<Long, Outcome> failures = new ConcurrentSkipListMap<>();
  private final long began = System.nanoTime();
  private long took;

  /** Explores the seeds from the first one on; stops early after a few failures. */
  static Exploration of(long first, long count) {
    Exploration exploration = new Exploration(first, count);
    LongStream.range(first, first + count).parallel().forEach(exploration::run);
    exploration.took = System.nanoTime() - exploration.began;
    return exploration;
  }

  private Exploration(long first, long count) {
    this.first = first;
    this.count = count;
  }

  private void run(long seed) {
    if (failures.size() >= ENOUGH_FAILURES) {
      return;
    }
    Outcome outcome = Outcome.of(Plan.of(seed), Set.of(), SHOWN);
    if (outcome.failure().isPresent()) {
      failures.put(seed, outcome);
      // At once: the rest of a long run may take an hour.
      System.out.println("seed " + seed + " fails: " + outcome.violated());
    }
    Schedule schedule = outcome.schedule();
    marks.add(schedule.marks());
    coverage.add(schedule.faults().coverage());
    events.add(schedule.events());
    simulatedMillis.add(schedule.simulated() / 1_000_000);
    done.increment();
    if (done.sum() % REPORT_EVERY == 0) {
      took = System.nanoTime() - began;
      System.out.println(line());
    }
  }

  /** {@return the schedules that went wrong, by their seeds} */
  Collection<Outcome> failures() {
    return failures.values();
  }

  /** {@return the first seeds that went wrong} */
  Collection<Long> failedSeeds() {
    return failures.keySet();
  }

  /** {@return what no schedule met: marks, and faults in phases} */
  List<String> missed() {
    List<String> missed = new ArrayList<>(coverage.missed());
    marks.missed().forEach(mark -> missed.add(mark.toString()));
    return missed;
  }

  /** {@return one line: how much, and how fast} */
  String line() {
    double seconds = took / 1e9;
    Duration simulated = Duration.ofMillis(simulatedMillis.sum());
    return String.format(
        Locale.ROOT,
        "%,d schedules, %,d events, %,d failures; %,d simulated hours in %,.0f s"
            + " (%,.0f times real time, %,.0f schedules a second)",
        done.sum(),
        events.sum(),
        failures.size(),
        simulated.toHours(),
        seconds,
        simulatedMillis.sum() / 1000.0 / seconds,
        done.sum() / seconds);
  }

  /** {@return all figures, as a page for people} */
  String summary() {
    return "Seeds "
        + String.format(Locale.ROOT, "%,d to %,d: %s.", first, first + count - 1, line())
        + "\n\nHow often each fault struck in each phase of the protocol:\n\n"
        + coverage.table()
        + "\nWhat else was met:\n\n"
        + marks.table();
  }
}
