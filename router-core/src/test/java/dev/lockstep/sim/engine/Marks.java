package dev.lockstep.sim.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Counts what a schedule met. Confined to one schedule; a run adds them up. */
public final class Marks {

  private final long[] counts = new long[Mark.values().length];

  /** Counts one. */
  public void hit(Mark mark) {
    counts[mark.ordinal()]++;
  }

  /** {@return how often it was met} */
  public long count(Mark mark) {
    return counts[mark.ordinal()];
  }

  /** Adds the counts of another schedule. */
  public synchronized void add(Marks other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
  }

  /** {@return what was never met} */
  public List<Mark> missed() {
    List<Mark> missed = new ArrayList<>();
    for (Mark mark : Mark.values()) {
      if (count(mark) == 0) {
        missed.add(mark);
      }
    }
    return missed;
  }

  /** {@return the counts as a list for people} */
  public String table() {
    StringBuilder text = new StringBuilder();
    for (Mark mark : Mark.values()) {
      String name = mark.name().toLowerCase(Locale.ROOT).replace('_', ' ');
      text.append(String.format(Locale.ROOT, "* %s: %,d\n", name, count(mark)));
    }
    return text.toString();
  }
}
