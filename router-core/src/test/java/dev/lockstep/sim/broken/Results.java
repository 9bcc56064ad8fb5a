package dev.lockstep.sim.broken;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What became of the patches, as a table for people. Confined to one thread. */
final class Results {

  private static final String HEAD =
      """
      | patch | breaks | noticed by | schedules | seconds |
      |---|---|---|---:|---:|
      """;

  private final List<String> rows = new ArrayList<>();
  private int noticed;
  private double seconds;

  /** Adds a patch that was noticed. */
  void noticed(Patch patch, Search.Found found, double after) {
    noticed++;
    add(patch, found.invariant(), found.seed(), after);
  }

  /** Adds a patch that nobody noticed. */
  void missed(Patch patch, long schedules, double after) {
    add(patch, "**nobody**", schedules, after);
  }

  private void add(Patch patch, String by, long schedules, double after) {
    seconds += after;
    String rules = String.join(", ", patch.rules());
    rows.add(
        String.format(
            Locale.ROOT,
            "| %s | %s | %s | %d | %.1f |",
            patch.name(),
            rules,
            by,
            schedules,
            after));
  }

  /** {@return the newest row} */
  String last() {
    return rows.getLast();
  }

  @Override
  public String toString() {
    return HEAD
        + String.join("\n", rows)
        + String.format(
            Locale.ROOT,
            "\n\n%d of %d patches noticed, in %.0f s.\n",
            noticed,
            rows.size(),
            seconds);
  }
}
