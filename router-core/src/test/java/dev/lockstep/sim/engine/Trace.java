package dev.lockstep.sim.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The last few hundred happenings, kept as they are and put into words only when they are read. */
public final class Trace {

  private record Line(long at, Object who, Object what) {}

  private final Line[] lines;
  private long count;

  /** Creates a trace that keeps so many lines. */
  public Trace(int kept) {
    this.lines = new Line[kept];
  }

  /** Adds a line. */
  public void add(long at, Object who, Object what) {
    lines[(int) (count++ % lines.length)] = new Line(at, who, what);
  }

  /** {@return the lines, oldest first} */
  public List<String> lines() {
    List<String> text = new ArrayList<>();
    for (long i = Math.max(0, count - lines.length); i < count; i++) {
      Line line = lines[(int) (i % lines.length)];
      text.add(String.format(Locale.ROOT, "%10.4f  %-14s %s", line.at / 1e9, line.who, line.what));
    }
    return text;
  }
}
