package dev.lockstep.core.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the pages about faults name is there: tests, faults of the simulation, rules. */
final class FaultPagesTest {
  private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");
  private static final Pattern FAULT = Pattern.compile("`([A-Z][A-Z_]+)`");
  private static final Pattern RULE = Pattern.compile("\\bP(\\d+)\\b");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| F(\\d+) \\|(.*)$");

  private static final int FAULTS = 34;

  @ParameterizedTest
  @ValueSource(strings = {"fault-matrix.md", "faults.md", "backends.md"})
  void everyTestThatIsNamedExists(String page) throws IOException {
    Set<String> existing = new TreeSet<>();
    for (SourceFile file : Sources.all()) {
      if (file.isTest()) {
        String type = file.path().getFileName().toString().replace(".java", "");
        methods(file).forEach(method -> existing.add(type + "#" + method));
      }
    }
    assertThat(missing(found(TEST, page), existing)).as("tests that nobody wrote").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"fault-matrix.md", "faults.md"})
  void everyFaultThatIsNamedExists(String page) throws IOException {
    Set<String> words = new TreeSet<>();
    for (SourceFile file : Sources.all()) {
      if (file.path().toString().contains("/dev/lockstep/sim/")) {
        file.lines().forEach(line -> words.addAll(List.of(line.split("\\W+"))));
      }
    }
    assertThat(missing(found(FAULT, page), words)).as("faults that nobody makes").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"fault-matrix.md", "faults.md", "protocol.md"})
  void everyRuleThatIsNamedExists(String page) throws IOException {
    Set<String> rules =
        ProtocolRulesTest.rules().map(number -> "P" + number).collect(Collectors.toSet());
    assertThat(missing(found(RULE, page), rules)).as("rules that nobody made").isEmpty();
  }

  @Test
  void everyFaultHasALineThatSaysWhatExercisesItOrWhyNothingDoes() throws IOException {
    List<MatchResult> rows = ROW.matcher(text("faults.md")).results().toList();
    assertThat(rows.stream().map(row -> Integer.valueOf(row.group(1))))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, FAULTS).boxed().toList());
    assertThat(rows)
        .allSatisfy(
            row ->
                assertThat(TEST.matcher(row.group(2)).find() || row.group(2).contains("Explained"))
                    .as("F%s", row.group(1))
                    .isTrue());
  }

  private static Set<String> missing(Set<String> named, Set<String> existing) {
    assertThat(named).as("what the page names").isNotEmpty();
    Set<String> missing = new TreeSet<>(named);
    missing.removeAll(existing);
    return missing;
  }

  private static List<String> methods(SourceFile file) {
    Pattern method = Pattern.compile("^ +(?:public )?void (\\w+)\\(.*");
    return file.lines().stream()
        .map(method::matcher)
        .filter(java.util.regex.Matcher::matches)
        .map(found -> found.group(1))
        .toList();
  }

  private static Set<String> found(Pattern pattern, String page) throws IOException {
    return pattern
        .matcher(text(page))
        .results()
        .map(it -> it.group().replace("`", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String text(String page) throws IOException {
    return Files.readString(Sources.project().resolve("docs").resolve(page));
  }
}
