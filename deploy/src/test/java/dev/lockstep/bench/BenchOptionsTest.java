package dev.lockstep.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The options of a benchmark. */
final class BenchOptionsTest {
  @Test
  void withoutOptionsAllIsStandard() {
    BenchOptions options = BenchOptions.parse(List.of());
    assertThat(options.length()).isEqualTo(BenchOptions.Length.FULL);
    assertThat(options.replicas()).isEqualTo(3);
    assertThat(options.routes()).containsExactly(0, 1_000);
    assertThat(options.changes()).isEmpty();
  }

  @Test
  void optionsAreTakenInBothSpellings() {
    BenchOptions options =
        BenchOptions.parse(
            List.of("--short", "--replicas=5", "--changes", "7", "--routes=20,0", "--json", "/a"));
    assertThat(options.length()).isEqualTo(BenchOptions.Length.SHORT);
    assertThat(options.replicas()).isEqualTo(5);
    assertThat(options.changes()).hasValue(7);
    assertThat(options.routes()).containsExactly(0, 20);
    assertThat(options.json()).contains(Path.of("/a"));
  }

  @Test
  void whatIsWrongIsSaid() {
    assertWrong("--replicas: 10 (expected: 1 to 9)", "--replicas", "10");
    assertWrong("--replicas: x (expected: 1 to 9)", "--replicas=x");
    assertWrong("--changes: unknown, or without its value (see --help)", "--changes");
    assertWrong("--colour: unknown (see --help)", "--colour=red");
    assertWrong("--routes: -1 (expected: 1 to 20000)", "--routes=0,-1");
  }

  private static void assertWrong(String message, String... arguments) {
    assertThatThrownBy(() -> BenchOptions.parse(List.of(arguments)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
