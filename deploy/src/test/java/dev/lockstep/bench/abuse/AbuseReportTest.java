package dev.lockstep.bench.abuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.bench.load.Spread;
import dev.lockstep.bench.tool.PartOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AbuseReportTest {
  private static AbuseReport.Row row(double p99, String... failures) {
    return new AbuseReport.Row(
        "PING",
        new AbuseReport.Flood(1234, 7),
        new Spread(600, 1, p99, 30),
        List.of(failures),
        new AbuseReport.Use(0.5, 300L << 20));
  }

  @Test
  void latencyIsComparedWithThatWithoutAFlood() {
    AbuseReport report = new AbuseReport(200, Duration.ofSeconds(3), List.of(row(2), row(5)));
    assertThat(report.table())
        .containsPattern(
            "PING +\\| 1234 +\\| 7 +\\| 1.00 +\\| 5.00 +\\| 2.50 +\\| 0 +\\| 0.50 +\\| 300 ");
    assertThat(report.passed()).isTrue();
    assertThat(report.json()).contains("\"p99Millis\": 5.000", "\"thrownOut\": 7");
  }

  @Test
  void onlyLostRequestsFailIt() {
    Duration length = Duration.ofSeconds(3);
    assertThat(new AbuseReport(200, length, List.of(row(2), row(2_000))).passed()).isTrue();
    assertThat(new AbuseReport(200, length, List.of(row(2), row(2, "closed"))).passed()).isFalse();
  }

  @Test
  void optionsAreKnownOrRefused() {
    assertThat(PartOptions.parse(List.of("--short")).length()).isEqualTo(Duration.ofSeconds(3));
    assertThatThrownBy(() -> PartOptions.parse(List.of("--fast")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
