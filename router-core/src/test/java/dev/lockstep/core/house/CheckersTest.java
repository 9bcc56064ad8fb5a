package dev.lockstep.core.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checkers find what they look for: one that finds nothing would pass everything. */
final class CheckersTest {
  @TempDir private Path directory = Path.of("");

  private SourceFile parse(String text) throws IOException {
    Path file = directory.resolve("Sample.java");
    Files.writeString(file, text);
    return Sources.parse(List.of(file)).getFirst();
  }

  private static List<String> whats(List<Finding> findings) {
    return findings.stream().map(Finding::what).toList();
  }

  @Test
  void sizesAreFound() throws IOException {
    String deep = "if (a) { for (;;) { while (a) { switch (b) { case 1: break; } } } }";
    SourceFile file =
        parse(
            """
            class Sample {
              private Sample(int a, int b, int c, int d, int e, int f) {}
              Sample(int a, int b, int c, int d, int e) {}
              void deep(int b) { %s }
              void flat(int b) {
                if (b == 1) {} else if (b == 2) {} else if (b == 3) {} else if (b == 4) {}
              }
              record Wide(int a, int b, int c, int d, int e) {
                Wide(int a, int b, int c, int d, int e) {}
              }
              // %s
              void longOne() {%s}
            }
            """
                .formatted(deep, "-".repeat(96), "\n".repeat(50)));
    assertThat(whats(Sizes.check(file)))
        .containsExactlyInAnyOrder(
            "line: 101 columns (expected: <= 100)",
            "method <init>: 5 parameters (expected: <= 4)",
            "nesting: 4 (expected: <= 3)",
            "method longOne: 51 lines (expected: <= 50)");
  }

  @Test
  void wordsAreFound() throws IOException {
    SourceFile file =
        parse(
            """
            @Disabled class RouteManager {
              class PodInfo {} class DefaultThing {} class Metadata {}
            }
            // TO%s
            """
                .formatted("DO later"));
    assertThat(Words.check(file)).hasSize(5);
  }

  @Test
  void impuritiesAreFound() throws IOException {
    SourceFile file =
        parse(
            """
            import java.io.File;
            class Sample {
              long now() { return System.nanoTime(); }
              Object chance() { return new java.util.Random(); }
              Map<String, String> map = new HashMap<>();
              Map<String, String> tree = new TreeMap<>();
              void all() {
                for (String key : map.keySet()) {}
                map.forEach(null);
                tree.forEach(null);
              }
              int other(Kind kind) { return switch (kind) { case A -> 1; default -> 2; }; }
              int text(String kind) { return switch (kind) { case "a" -> 1; default -> 2; }; }
            }
            """);
    assertThat(whats(Purity.check(file)))
        .containsExactlyInAnyOrder(
            "import java.io.File: core does no IO",
            "System.nanoTime: core reads no clock, no chance, no environment",
            "new java.util.Random: not in core",
            "map: its order is not defined",
            "map: its order is not defined",
            "switch: has a default branch");
  }
}
