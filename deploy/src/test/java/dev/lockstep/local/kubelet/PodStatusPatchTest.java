package dev.lockstep.local.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is reported of a pod, and what is left alone. */
final class PodStatusPatchTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:01.5Z");
  private static final ContainerState RUNNING = new ContainerState.Running(NOW);
  private static final PodStatusPatch.Target TARGET =
      new PodStatusPatch.Target(new PodName("ns", "pod", "uid-1"), "router", "lockstep:1");

  @Test
  void theFirstReportNamesOurFourConditionsAndNoOther() throws IOException {
    JsonNode patch = json(report(RUNNING, true, true), Optional.empty());
    assertThat(patch.path("metadata").path("uid").asText()).isEqualTo("uid-1");
    assertThat(conditions(patch))
        .containsExactly(
            "PodScheduled=True", "Initialized=True", "ContainersReady=True", "Ready=True");
  }

  @Test
  void aClosedGateKeepsAReadyContainerOutOfTraffic() throws IOException {
    JsonNode patch = json(report(RUNNING, true, false), Optional.empty());
    assertThat(conditions(patch)).contains("ContainersReady=True", "Ready=False");
    assertThat(patch.toString()).contains("ReadinessGatesNotReady");
  }

  @Test
  void conditionsThatAreAsBeforeKeepTheirTimes() throws IOException {
    PodStatusPatch before = report(RUNNING, true, false);
    JsonNode patch = json(report(RUNNING, true, true), Optional.of(before));
    assertThat(conditions(patch)).containsExactly("Ready=True");
  }

  @Test
  void anEndedProcessIsTerminatedWithItsExitCode() throws IOException {
    ContainerState ended = new ContainerState.Terminated(NOW, NOW, 137);
    JsonNode container =
        json(new PodStatusPatch(ended, Optional.of(ended), 2, false, true), Optional.empty())
            .path("status")
            .path("containerStatuses")
            .path(0);
    assertThat(container.path("state").path("terminated").path("exitCode").asInt()).isEqualTo(137);
    assertThat(container.path("restartCount").asInt()).isEqualTo(2);
    assertThat(container.path("ready").asBoolean()).isFalse();
    assertThat(container.path("started").asBoolean()).isFalse();
  }

  private static PodStatusPatch report(ContainerState state, boolean ready, boolean gate) {
    return new PodStatusPatch(state, Optional.empty(), 0, ready, gate);
  }

  private static JsonNode json(PodStatusPatch patch, Optional<PodStatusPatch> before)
      throws IOException {
    return new ObjectMapper().readTree(patch.json(TARGET, before, NOW));
  }

  private static List<String> conditions(JsonNode patch) {
    return patch
        .path("status")
        .path("conditions")
        .valueStream()
        .map(it -> it.path("type").asText() + "=" + it.path("status").asText())
        .toList();
  }
}
