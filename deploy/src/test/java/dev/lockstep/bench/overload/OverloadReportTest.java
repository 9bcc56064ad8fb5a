package dev.lockstep.bench.overload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.bench.load.Spread;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class OverloadReportTest {
  private static final ControlWatch.Seen STEADY = new ControlWatch.Seen(20, 0, 12, 1);

  private static OverloadReport.Row row(
      double load, int served, ControlWatch.Seen seen, String... faults) {
    return new OverloadReport.Row(
        load,
        new Crowd.Outcome(
            2,
            Optional.of(new Spread(served, 20, 40, 50)),
            Optional.of(new Spread(600, 1, 9, 30)),
            List.of(faults)),
        seen,
        0.25);
  }

  private static List<String> faults(OverloadReport.Row... rows) {
    return new OverloadReport(800, Duration.ofSeconds(2), List.of(rows)).faults();
  }

  @Test
  void goodputIsComparedWithTheBest() {
    OverloadReport report =
        new OverloadReport(
            800, Duration.ofSeconds(2), List.of(row(1, 1000, STEADY), row(5, 900, STEADY)));
    assertThat(report.faults()).isEmpty();
    assertThat(report.table())
        .containsPattern(
            "5.0 times +\\| 450 +\\| 0.90 +\\| 20.0 +\\| 40.0 +\\| 300 +\\| 1.0 +\\| 9.0 ");
    assertThat(report.json()).contains("\"refusedP99Millis\": 9.000", "\"notReady\": 0");
  }

  @Test
  void loadBelowWhatTheBackendCanTakeNeedNotServeMuch() {
    assertThat(faults(row(0.5, 400, STEADY), row(1, 1000, STEADY))).isEmpty();
  }

  @Test
  void collapseIsAFault() {
    assertThat(faults(row(1, 1000, STEADY), row(5, 700, STEADY)))
        .containsExactly("5.0 times: 350 served/s");
  }

  @Test
  void cutConnectionsAndALostLeaseAreFaults() {
    assertThat(faults(row(1, 1000, STEADY, "reset"))).containsExactly("1.0 times: reset");
    assertThat(faults(row(1, 1000, new ControlWatch.Seen(20, 1, 1000, 1)))).hasSize(1);
    assertThat(faults(row(1, 1000, new ControlWatch.Seen(20, 0, 5, 2)))).hasSize(1);
  }
}
