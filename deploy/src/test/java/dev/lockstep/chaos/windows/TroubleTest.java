package dev.lockstep.chaos.windows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The list of troubles. */
final class TroubleTest {
  private static final Duration TEN = Duration.ofMinutes(10);
  private static final Path SIMULATION =
      Path.of("../router-core/src/test/java/dev/lockstep/sim/Windows.java");

  @Test
  void theSimulationHasTheSameTroublesUnderTheSameNames() throws IOException {
    List<String> simulated =
        Pattern.compile("^    ([A-Z_]+)\\(\\(cluster, n\\) ->", Pattern.MULTILINE)
            .matcher(Files.readString(SIMULATION))
            .results()
            .map(MatchResult.class::cast)
            .map(it -> it.group(1).toLowerCase(Locale.ROOT).replace('_', ' '))
            .toList();
    assertThat(Stream.of(Trouble.values()).map(it -> it.label(TEN))).isEqualTo(simulated);
  }

  @Test
  void anApiServerThatIsAwayForAnotherTimeSaysSo() {
    assertThat(Trouble.API_AWAY.label(Duration.ofSeconds(90))).isEqualTo("api away for 90 s");
    assertThat(Trouble.LEADER_KILLED.label(Duration.ZERO)).isEqualTo("leader killed");
  }

  @Test
  void somebodyAlwaysSurvivesExceptWhereAllAreMeant() {
    assertThat(Trouble.SO_MANY_KILLED.hits(4)).containsExactly(1, 2, 3);
    assertThat(Trouble.LEADER_PAUSED.hits(4)).containsExactly(1);
  }
}
