package dev.lockstep.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Durations as people write them. */
class DurationTextTest {

  @Test
  void everyUnitIsRead() {
    Map<String, Duration> table =
        Map.of(
            "500ms", Duration.ofMillis(500),
            "5s", Duration.ofSeconds(5),
            "5", Duration.ofSeconds(5),
            "2m", Duration.ofMinutes(2),
            "1h", Duration.ofHours(1),
            "0", Duration.ZERO);
    table.forEach((text, duration) -> assertThat(DurationText.parse(text)).contains(duration));
  }

  @Test
  void nothingElseIsRead() {
    for (String text : List.of("", "s", "-1s", "1.5s", " 1s", "1 s", "1d", "1S", "9999999999s")) {
      assertThat(DurationText.parse(text)).as(text).isEmpty();
    }
  }

  @Test
  void whatIsWrittenIsReadBack() {
    for (String text : List.of("0s", "1ms", "1500ms", "1s", "90s", "2m", "61m", "3h")) {
      assertThat(DurationText.parse(text).map(DurationText::format)).as(text).contains(text);
    }
  }
}
