package dev.lockstep.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.chaos.fault.FaultKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void aClusterTakesOnlyFaultsThatItsCommandsAllow(@TempDir Path folder) throws IOException {
    Path file = Files.createFile(folder.resolve("kubeconfig"));
    List<String> cluster = List.of("--short", "--kubeconfig", file.toString());
    ChaosOptions options = ChaosOptions.parse(with(cluster, "--kill", "tool  kill", "--image=a:1"));
    assertThat(options.cluster().kubeconfig()).contains(file);
    assertThat(options.cluster().image()).contains("a:1");
    assertThat(options.cluster().commands()).containsEntry("--kill", List.of("tool", "kill"));
    assertThat(ChaosOptions.parse(with(cluster, "--faults=node-drained,lease-edited")).faults())
        .hasSize(2);
    assertRefused(
        with(cluster, "--faults=kill-leader"), "--faults: kill-leader (expected: of what");
    assertRefused(with(cluster, "--faults=api-429"), "--faults: api-429 (expected: of what");
    assertRefused(with(cluster, "--pause", "p"), "--resume: missing (expected: --pause and ");
    assertRefused(with(cluster, "--heal", "h"), "--cut: missing (expected: --cut and --heal,");
  }

  @Test
  void whatNeedsAClusterIsRefusedWithoutOne() {
    assertRefused(List.of("--short", "--faults=scaled"), "--faults: scaled (expected: of what");
    assertRefused(List.of("--short", "--kill", "k"), "--kubeconfig: missing (expected: a file,");
    assertRefused(
        List.of("--short", "--kubeconfig", "/nowhere/at/all"),
        "--kubeconfig: /nowhere/at/all (expected: a file)");
  }

  private static List<String> with(List<String> some, String... more) {
    return Stream.concat(some.stream(), Stream.of(more)).toList();
  }

  private static void assertRefused(List<String> arguments, String message) {
    assertThatThrownBy(() -> ChaosOptions.parse(arguments))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }
}
