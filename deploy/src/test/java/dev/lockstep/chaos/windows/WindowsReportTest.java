package dev.lockstep.chaos.windows;

import static dev.lockstep.chaos.windows.TrialsTest.trial;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.chaos.oracle.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of all trials, and what is wrong with them. */
final class WindowsReportTest {
  private static final Row KILLED = new Row(Trouble.LEADER_KILLED, 3, 1, Duration.ZERO);
  private static final Row LOST = new Row(Trouble.SO_MANY_NODES_LOST, 5, 2, Duration.ZERO);

  @TempDir private Path folder;
  private Trials trials;
  private WindowsReport report;

  @BeforeEach
  void begin() {
    trials = Trials.open(folder.resolve("trials.jsonl"));
    report = new WindowsReport(List.of(KILLED, LOST), trials);
  }

  @Test
  void aRowIsThereAsSoonAsItHasATrial() {
    trials.add(trial(KILLED, 3_000));
    trials.add(trial(KILLED, 5_000));
    assertThat(report.markdown())
        .contains(
            "| leader killed | 3 | 2 | 1.50 | 2.50 | 2.50 | 3.00 | 5.00 | 5.00"
                + " | 6.00 | 10.00 | 10.00 | 2 | 214 | 0 | 14 | 0 | 0 |\n")
        .doesNotContain("so many");
    assertThat(report.problems()).isEmpty();
  }

  @Test
  void aTargetStandsBesideWhatWasMeasured() {
    trials.add(trial(KILLED, 3_000));
    assertThat(report.markdown())
        .endsWith("- leader killed (3 replicas), has a version, p50: 1.50 s, target 2.00 s: met\n");
    trials.add(trial(KILLED, 5_000));
    trials.add(trial(KILLED, 5_000));
    assertThat(report.markdown()).endsWith("2.50 s, target 2.00 s: MISSED\n");
    assertThat(report.problems()).as("a slow machine breaks no promise").isEmpty();
  }

  @Test
  void aClosedBarrierAndAFailedRequestAreWrong() {
    Trial.Windows never = new Trial.Windows(Optional.empty(), Optional.empty(), Optional.empty());
    trials.add(new Trial(LOST, never, Map.of(Outcome.FAILED, 3L), Duration.ofSeconds(200)));
    assertThat(report.problems())
        .containsExactly(
            "so many nodes lost (2 of 5 replicas): 1 barriers not open within 300 s",
            "so many nodes lost (2 of 5 replicas): 3 failed requests that nothing excuses");
  }

  @Test
  void programsGetTheSameInMilliseconds() throws JsonProcessingException {
    trials.add(trial(KILLED, 3_000));
    JsonNode json = new ObjectMapper().readTree(report.json());
    JsonNode row = json.path("rows").path(0);
    assertThat(row.path("trouble").asText()).isEqualTo("leader killed");
    assertThat(row.path("barrierOpen").path("p99").asDouble()).isEqualTo(3_000);
    assertThat(row.path("requests").path("failed: process killed").asLong()).isEqualTo(7);
    assertThat(json.path("rows").path(1).path("trials").asInt()).isZero();
    assertThat(json.path("problems")).isEmpty();
  }
}
