package dev.lockstep.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who judges the router must not believe it: nothing of its code is used by what runs chaos. */
final class IndependenceTest {
  @Test
  void noCompiledClassNamesOneOfTheRouter() throws IOException, URISyntaxException {
    Path classes = Path.of(Chaos.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<Path> ours = new java.util.ArrayList<>();
    for (String part : List.of("chaos", "local", "bench/load")) {
      try (Stream<Path> files = Files.walk(classes.resolve("dev/lockstep").resolve(part))) {
        files.filter(it -> it.toString().endsWith(".class")).forEach(ours::add);
      }
    }
    assertThat(ours).hasSizeGreaterThan(50);
    for (Path file : ours) {
      String constants = Files.readString(file, StandardCharsets.ISO_8859_1);
      assertThat(constants.contains("dev/lockstep/core/"))
          .as("%s uses router-core", file)
          .isFalse();
      assertThat(constants.contains("dev/lockstep/agent/"))
          .as("%s uses router-agent", file)
          .isFalse();
    }
  }
}
