package dev.lockstep.core.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every rule of the protocol has a test that cites it, and every citation is of a rule. */
final class ProtocolRulesTest {
  private static final Pattern RULE = Pattern.compile("^- \\*\\*P(\\d+)\\*\\* .+");
  private static final Pattern CITATION = Pattern.compile("\\bP(\\d+)\\b");
  private static final Pattern RANGE = Pattern.compile("\\bP(\\d+) to P(\\d+)\\b");

  @Test
  void rulesAreNumberedInOrder() throws IOException {
    List<Integer> numbers = rules().toList();
    assertThat(numbers).isNotEmpty();
    for (int i = 0; i < numbers.size(); i++) {
      assertThat(numbers.get(i)).as("number of rule %d from the top", i + 1).isEqualTo(i + 1);
    }
  }

  @Test
  void eachRuleIsCitedByATestAndEachCitationIsOfARule() throws IOException {
    Set<Integer> rules = new TreeSet<>(rules().toList());
    Set<Integer> cited = new TreeSet<>();
    for (SourceFile file : Sources.all()) {
      if (file.isTest()) {
        file.lines().stream()
            .filter(line -> line.contains("Rule"))
            .forEach(line -> cite(line, cited));
      }
    }
    assertThat(minus(rules, cited)).as("rules that no test cites").isEmpty();
    assertThat(minus(cited, rules)).as("cited by tests, and no rule").isEmpty();
  }

  private static Set<Integer> minus(Set<Integer> all, Set<Integer> others) {
    Set<Integer> rest = new TreeSet<>(all);
    rest.removeAll(others);
    return rest;
  }

  @Test
  void citationsAreFoundAloneAndInRanges() {
    Set<Integer> cited = new TreeSet<>();
    cite("/** Rules P3, P7 to P9 and P12: not P-1, XP5 or HTTP2. */", cited);
    assertThat(cited).containsExactly(3, 7, 8, 9, 12);
  }

  /** {@return the numbers of the rules, in the order of the page} */
  static Stream<Integer> rules() throws IOException {
    return Files.readAllLines(Sources.project().resolve("docs/protocol.md")).stream()
        .map(RULE::matcher)
        .filter(Matcher::matches)
        .map(rule -> Integer.valueOf(rule.group(1)));
  }

  private static void cite(String line, Set<Integer> cited) {
    Matcher range = RANGE.matcher(line);
    while (range.find()) {
      for (int n = Integer.parseInt(range.group(1)); n < Integer.parseInt(range.group(2)); n++) {
        cited.add(n);
      }
    }
    CITATION.matcher(line).results().forEach(one -> cited.add(Integer.valueOf(one.group(1))));
  }
}
