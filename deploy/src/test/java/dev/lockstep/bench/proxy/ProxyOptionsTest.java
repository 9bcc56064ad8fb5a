package dev.lockstep.bench.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The options of the benchmark of the proxies. */
final class ProxyOptionsTest {
  @Test
  void withoutOptionsAllIsMeasured() {
    ProxyOptions options = ProxyOptions.parse(List.of());
    assertThat(options.cases()).containsExactly(Case.values());
    assertThat(options.plan()).isEqualTo(ProxyOptions.Plan.FULL);
    assertThat(options.plan().rounds()).isGreaterThanOrEqualTo(5);
    assertThat(options.json()).isEmpty();
  }

  @Test
  void optionsAreTakenInBothSpellings() {
    ProxyOptions options =
        ProxyOptions.parse(
            List.of(
                "--json=/a", "--short", "--cases", "http-512x128B,http-64x128B", "--root", "/"));
    assertThat(options.plan()).isEqualTo(ProxyOptions.Plan.SHORT);
    assertThat(options.cases()).containsExactly(Case.HTTP_SMALL, Case.HTTP_MANY);
    assertThat(options.json()).contains(Path.of("/a"));
  }

  @Test
  void whatIsWrongIsSaid() {
    assertWrong("--routes: unknown (see --help)", "--routes=3");
    assertWrong("--cases: unknown, or without its value (see --help)", "--cases");
    assertThatThrownBy(() -> ProxyOptions.parse(List.of("--cases=http")))
        .hasMessageStartingWith("--cases: http (expected: some of http-64x128B,");
  }

  private static void assertWrong(String message, String... arguments) {
    assertThatThrownBy(() -> ProxyOptions.parse(List.of(arguments)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
