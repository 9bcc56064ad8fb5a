package dev.lockstep.chaos.windows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The options of a measurement. */
final class WindowsOptionsTest {
  @Test
  void withoutOptionsItIsEverythingOnThreeReplicas() {
    WindowsOptions options = WindowsOptions.parse(List.of());
    assertThat(options.replicas()).containsExactly(3);
    assertThat(options.trials()).isEqualTo(50);
    assertThat(options.troubles()).containsExactly(Trouble.values());
    assertThat(options.away()).isEqualTo(Duration.ofSeconds(60));
    assertThat(options.folder()).isEmpty();
  }

  @Test
  void optionsAreTakenInBothSpellings() {
    WindowsOptions options =
        WindowsOptions.parse(
            List.of(
                "--replicas=10,2,3,2",
                "--trials",
                "2",
                "--trouble=api-away,leader-killed",
                "--away=10m",
                "--seed",
                "7",
                "--dir=/a"));
    assertThat(options.replicas()).containsExactly(2, 3, 10);
    assertThat(options.trials()).isEqualTo(2);
    assertThat(options.troubles()).containsExactly(Trouble.LEADER_KILLED, Trouble.API_AWAY);
    assertThat(options.away()).isEqualTo(Duration.ofMinutes(10));
    assertThat(options.seed()).isEqualTo(7);
    assertThat(options.folder()).contains(Path.of("/a"));
  }

  @Test
  void aTimeMayBeInSecondsOrMinutes() {
    assertThat(WindowsOptions.parse(List.of("--away=90")).away()).isEqualTo(Duration.ofSeconds(90));
    assertThat(WindowsOptions.parse(List.of("--away=90s")).away()).hasSeconds(90);
    assertThat(WindowsOptions.parse(List.of("--away=2m")).away()).hasSeconds(120);
  }

  @Test
  void whatIsWrongIsSaidInOneLine() {
    assertRefused("--replicas=1", "--replicas: 1 (expected: 2 to 10)");
    assertRefused("--replicas=3,x", "--replicas: x (expected: 2 to 10)");
    assertRefused("--trials=0", "--trials: 0 (expected: 1 to 10000)");
    assertRefused("--trouble=rain", "--trouble: rain (expected: some of leader-killed,");
    assertRefused("--away=2h", "--away: 2h (expected: 1s to 60m, as in 10m)");
    assertRefused("--away=61m", "--away: 61m (expected: 1s to 60m, as in 10m)");
    assertRefused("--wrong=1", "--wrong: unknown (see --help)");
    assertRefused("--seed", "--seed: unknown, or without its value (see --help)");
  }

  private static void assertRefused(String argument, String message) {
    assertThatThrownBy(() -> WindowsOptions.parse(List.of(argument)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }
}
