package dev.lockstep.sim.scope;

import dev.lockstep.sim.world.World;
import java.util.Locale;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** What an enumeration has come to. Thread-safe. */
final class Tally {

  private static final int FAILURES = 3;

  private final States states = new States();
  private final LongAdder runs = new LongAdder();
  private final LongAdder vain = new LongAdder();
  private final LongAdder events = new LongAdder();
  private final LongAdder simulated = new LongAdder();
  private final ConcurrentSkipListMap<String, String> failures = new ConcurrentSkipListMap<>();
  private final long began = System.nanoTime();

  States states() {
    return states;
  }

  void add(World world, boolean worthWhile) {
    (worthWhile ? runs : vain).increment();
    events.add(world.scheduler().scheduled());
    simulated.add(world.scheduler().now());
  }

  void failed(Placement placement, String how) {
    failures.put(placement.toString(), how);
  }

  /** {@return whether more failures would say nothing new} */
  boolean isEnough() {
    return failures.size() >= FAILURES;
  }

  ConcurrentSkipListMap<String, String> failures() {
    return failures;
  }

  long runs() {
    return runs.sum();
  }

  @Override
  public String toString() {
    double real = (System.nanoTime() - began) / 1e9;
    return String.format(
        Locale.ROOT,
        "%,d runs (and %,d in vain), %,d events, %,d states, %.0f s, %,.0f times real time",
        runs.sum(),
        vain.sum(),
        events.sum(),
        states.count(),
        real,
        simulated.sum() / 1e9 / real);
  }
}
