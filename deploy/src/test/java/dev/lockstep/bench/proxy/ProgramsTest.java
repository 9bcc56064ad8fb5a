package dev.lockstep.bench.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.bench.proxy.Programs.Program;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a machine without some of the programs is told. */
final class ProgramsTest {
  private static final Path FILE = Path.of("/usr/bin/it");

  @Test
  void missingProgramIsNamedWithItsPackage() {
    Programs programs =
        new Programs(Map.of(Program.NGINX, FILE, Program.WRK, FILE, Program.OPENSSL, FILE));
    assertThat(programs.missing())
        .containsExactly(
            "haproxy is missing (apt-get install haproxy)",
            "h2load is missing (apt-get install nghttp2-client)");
    assertThat(programs.hopeless(List.of(Case.values()))).isEmpty();
  }

  @Test
  void withoutBackendOrGeneratorThereIsNoHope() {
    Programs none = new Programs(Map.of());
    assertThat(none.hopeless(List.of(Case.values())).orElseThrow()).contains("nginx-light");
    Programs idle = new Programs(Map.of(Program.NGINX, FILE, Program.OPENSSL, FILE));
    assertThat(idle.hopeless(List.of(Case.HTTP_SMALL)).orElseThrow()).contains("wrk");
    assertThat(idle.hopeless(List.of(Case.FULL_HANDSHAKES))).isEmpty();
  }
}
