package dev.lockstep.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.local.UpOptions.Mode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The command line of local mode. */
final class UpOptionsTest {
  @Test
  void withoutOptionsThreeReplicasStayUp() {
    UpOptions options = UpOptions.parse(List.of());
    assertThat(options.replicas()).isEqualTo(3);
    assertThat(options.mode()).isEqualTo(Mode.STAY);
    assertThat(options.port()).isEmpty();
    assertThat(options.kubeconfig()).isEmpty();
    assertThat(options.folder()).isEmpty();
  }

  @Test
  void allOptionsInBothSpellings() {
    UpOptions options =
        UpOptions.parse(
            List.of("--check", "--replicas=5", "--port", "9000", "--dir", "/x", "--root=/r"));
    assertThat(options.mode()).isEqualTo(Mode.CHECK);
    assertThat(options.replicas()).isEqualTo(5);
    assertThat(options.port()).hasValue(9000);
    assertThat(options.folder()).contains(Path.of("/x"));
    assertThat(options.root()).isEqualTo(Path.of("/r"));
    assertThat(UpOptions.parse(List.of("--kubeconfig", "/k")).kubeconfig()).contains(Path.of("/k"));
  }

  @TestFactory
  List<DynamicTest> wrongOptionsSayWhatIsExpected() {
    return Map.of(
            List.of("--replicas", "0"), "--replicas: 0 (expected: 1 to 20)",
            List.of("--replicas", "21"), "--replicas: 21 (expected: 1 to 20)",
            List.of("--replicas", "two"), "--replicas: two (expected: 1 to 20)",
            List.of("--port=70000"), "--port: 70000 (expected: 1 to 65535)",
            List.of("--port"), "--port: unknown, or without its value (see --help)",
            List.of("--wat", "1"), "--wat: unknown (see --help)")
        .entrySet()
        .stream()
        .map(it -> DynamicTest.dynamicTest(it.getValue(), () -> check(it.getKey(), it.getValue())))
        .toList();
  }

  private static void check(List<String> arguments, String message) {
    assertThatThrownBy(() -> UpOptions.parse(arguments))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
