package dev.lockstep.chaos.windows;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a window should be at most; printed beside what it was, and no reason to fail: how quick a
 * machine is says nothing about the router's word.
 *
 * @param trouble whose rows it is about
 * @param window which of the two
 * @param share the quantile, above 0, at most 1
 * @param most the bound
 */
record Target(Trouble trouble, Kind window, double share, Duration most) {
  /** Those that the project has. */
  static final List<Target> ALL =
      List.of(
          new Target(Trouble.LEADER_STOPPED, Kind.VERSION, 0.99, Duration.ofMillis(200)),
          new Target(Trouble.LEADER_KILLED, Kind.VERSION, 0.5, Duration.ofSeconds(2)),
          new Target(Trouble.LEADER_NODE_LOST, Kind.VERSION, 0.99, Duration.ofSeconds(6)),
          new Target(Trouble.API_AWAY, Kind.OPEN, 0.99, Duration.ofSeconds(2)));

  /** A window. */
  enum Kind {
    /** Until the change has a version. */
    VERSION("has a version", trial -> trial.published()),
    /** Until its barrier is open. */
    OPEN("barrier open", trial -> trial.open());

    private final String label;
    private final Function<Trial.Windows, Optional<Duration>> of;

    Kind(String label, Function<Trial.Windows, Optional<Duration>> of) {
      this.label = label;
      this.of = of;
    }

    String label() {
      return label;
    }

    Quantiles quantiles(List<Trial> trials) {
      return Quantiles.of(trials.stream().map(it -> of.apply(it.windows())));
    }
  }

  /** {@return what was wanted and what was measured, one line} */
  String judge(Row row, List<Trial> trials) {
    return window
        .quantiles(trials)
        .at(share)
        .map(
            measured ->
                "%s, %s, p%.0f: %s s, target %s s: %s"
                    .formatted(
                        row,
                        window.label,
                        share * 100,
                        Quantiles.seconds(measured),
                        Quantiles.seconds(most),
                        measured.compareTo(most) <= 0 ? "met" : "MISSED"))
        .orElse(row + ", " + window.label + ": never");
  }
}
