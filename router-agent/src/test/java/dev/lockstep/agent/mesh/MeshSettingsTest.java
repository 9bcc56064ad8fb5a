package dev.lockstep.agent.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MeshSettingsTest {

  @Test
  void theDefaultsFitTogether() {
    assertThat(MeshSettings.STANDARD.problems()).isEmpty();
  }

  @Test
  void nothingIsUnlimited() throws Exception {
    for (RecordComponent component : MeshSettings.class.getRecordComponents()) {
      Object value = component.getType() == int.class ? 0 : Duration.ZERO;

      assertThat(Settings.with(MeshSettings.STANDARD, component.getName(), value).problems())
          .as(component.getName())
          .anyMatch(problem -> problem.startsWith(component.getName() + ": "));
    }
  }

  @Test
  void relationsAreChecked() {
    assertThat(
            Settings.with(MeshSettings.STANDARD, "verifyTimeout", Duration.ofSeconds(4)).problems())
        .containsExactly("verifyTimeout: PT4S (expected: < upgradeTimeout PT4S)");
    assertThat(
            Settings.with(MeshSettings.STANDARD, "unverifiedTimeout", Duration.ofSeconds(4))
                .problems())
        .containsExactly("unverifiedTimeout: PT4S (expected: > upgradeTimeout PT4S)");
    assertThat(Settings.with(MeshSettings.STANDARD, "maxPending", 1 << 20).problems())
        .containsExactly("maxPending: 1048576 (expected: >= maxLeaderMessage)");
  }

  @Test
  void theProtocolPageListsEveryDefault() throws IOException, ReflectiveOperationException {
    String page = Files.readString(page());
    for (RecordComponent component : MeshSettings.class.getRecordComponents()) {
      Object value = component.getAccessor().invoke(MeshSettings.STANDARD);

      assertThat(page).contains("| `" + component.getName() + "` | " + text(value) + " |");
    }
  }

  private static Path page() {
    Path here = Path.of("docs/protocol.md");
    return Files.exists(here) ? here : Path.of("..").resolve(here);
  }

  private static String text(Object value) {
    if (value instanceof Duration duration) {
      long millis = duration.toMillis();
      return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
    }
    int number = (Integer) value;
    return number % (1 << 20) == 0 ? (number >> 20) + " MiB" : String.valueOf(number);
  }
}
