package dev.lockstep.sim.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Counts which kind of fault has struck in which phase of the protocol. */
final class Coverage {

  private final long[][] counts = new long[Faults.Kind.values().length][Phase.values().length];

  /** Counts a fault that took effect. */
  void hit(Faults.Kind kind, Set<Phase> phases) {
    phases.forEach(phase -> counts[kind.ordinal()][phase.ordinal()]++);
  }

  /** Adds the counts of another schedule. */
  synchronized void add(Coverage other) {
    for (int kind = 0; kind < counts.length; kind++) {
      for (int phase = 0; phase < counts[kind].length; phase++) {
        counts[kind][phase] += other.counts[kind][phase];
      }
    }
  }

  /** {@return what was never met, as fault and phase} */
  List<String> missed() {
    List<String> missed = new ArrayList<>();
    for (Faults.Kind kind : Faults.Kind.values()) {
      for (Phase phase : Phase.values()) {
        if (counts[kind.ordinal()][phase.ordinal()] == 0) {
          missed.add(kind + " while " + phase);
        }
      }
    }
    return missed;
  }

  /** {@return the counts as a table for people} */
  String table() {
    StringBuilder text = new StringBuilder("| fault |");
    for (Phase phase : Phase.values()) {
      text.append(' ').append(words(phase)).append(" |");
    }
    text.append("\n|---|").append("--:|".repeat(Phase.values().length)).append('\n');
    for (Faults.Kind kind : Faults.Kind.values()) {
      text.append("| ").append(words(kind)).append(" |");
      for (Phase phase : Phase.values()) {
        long count = counts[kind.ordinal()][phase.ordinal()];
        text.append(String.format(Locale.ROOT, " %,d |", count));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String words(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
