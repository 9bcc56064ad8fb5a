package dev.lockstep.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.chaos.fault.FaultKind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The options of a chaos run. */
final class ChaosOptionsTest {
  @Test
  void minutesAloneAreEnough() {
    ChaosOptions options = ChaosOptions.parse(List.of("--minutes", "60"));
    assertThat(options.minutes()).isEqualTo(60);
    assertThat(options.replicas()).isEqualTo(3);
    assertThat(options.seed()).isEqualTo(1);
    assertThat(options.faults()).isEmpty();
    assertThat(options.folder()).isEmpty();
  }

  @Test
  void optionsAreTakenInBothSpellings() {
    ChaosOptions options =
        ChaosOptions.parse(
            List.of(
                "--short", "--seed=7", "--replicas", "5", "--dir=/a", "--faults", "kill-leader"));
    assertThat(options.minutes()).isEqualTo(3);
    assertThat(options.seed()).isEqualTo(7);
    assertThat(options.replicas()).isEqualTo(5);
    assertThat(options.folder()).contains(Path.of("/a"));
    assertThat(options.faults()).containsExactly(FaultKind.KILL_LEADER);
  }

  @Test
  void whatIsWrongIsSaidInOneLine() {
    assertRefused(List.of(), "--minutes: missing (expected: a number, or --short)");
    assertRefused(List.of("--minutes", "0"), "--minutes: 0 (expected: 1 to 10080)");
    assertRefused(List.of("--seed", "x", "--short"), "--seed: x (expected: 0 to ");
    assertRefused(List.of("--replicas=1"), "--replicas: 1 (expected: 2 to 9)");
    assertRefused(List.of("--faults=rain"), "--faults: rain (expected: some of kill-follower,");
    assertRefused(List.of("--wrong", "1"), "--wrong: unknown (see --help)");
    assertRefused(List.of("--seed"), "--seed: unknown, or without its value (see --help)");
  }

  private static void assertRefused(List<String> arguments, String message) {
    assertThatThrownBy(() -> ChaosOptions.parse(arguments))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }
}
