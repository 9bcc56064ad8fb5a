package dev.lockstep.agent.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The reference page in the docs is the one that the table prints; {@code REWRITE=1} updates it.
 */
class SettingsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "settings.md");

  @Test
  void referencePageIsCurrent() throws IOException {
    if ("1".equals(System.getenv("REWRITE"))) {
      Files.writeString(PAGE, SettingsPage.markdown());
    }
    assertThat(Files.readString(PAGE)).isEqualTo(SettingsPage.markdown());
  }
}
