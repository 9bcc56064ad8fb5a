package dev.lockstep.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Text scenarios: commands, {@code ----}, and what was seen. With {@code REWRITE=1} in the
 * environment the transcripts are written anew, and the diff is for people to review.
 */
final class ScenarioTest {

  private static final Path SCENARIOS = Path.of("src", "test", "resources", "scenarios");
  private static final String RULE = "----";

  @TestFactory
  Stream<DynamicTest> everyScenarioReadsAsBefore() throws IOException {
    try (Stream<Path> files = Files.list(SCENARIOS)) {
      List<Path> scenarios = files.filter(f -> f.toString().endsWith(".txt")).sorted().toList();
      return scenarios.stream()
          .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
    }
  }

  private static void check(Path file) throws IOException {
    String written = Files.readString(file);
    String seen = play(written);
    if ("1".equals(System.getenv("REWRITE"))) {
      Files.writeString(file, seen);
    } else {
      assertThat(seen).isEqualTo(written);
    }
  }

  /** Runs block after block, and puts what was seen in the place of what was expected. */
  private static String play(String text) {
    Scenario scenario = new Scenario();
    List<String> out = new ArrayList<>();
    for (String block : text.strip().split("\n\n")) {
      List<String> commands = new ArrayList<>();
      List<String> head = new ArrayList<>();
      for (String line : block.lines().takeWhile(line -> !line.equals(RULE)).toList()) {
        head.add(line);
        if (!line.startsWith("#")) {
          commands.add(line);
        }
      }
      List<String> seen = scenario.run(commands);
      if (!commands.isEmpty()) {
        head.add(RULE);
        head.addAll(seen);
      }
      out.add(String.join("\n", head));
    }
    return String.join("\n\n", out) + "\n";
  }
}
