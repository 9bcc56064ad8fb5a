package dev.lockstep.sim.scope;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.sim.engine.Rule;
import dev.lockstep.sim.engine.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Small scopes, each gone through completely. {@code -Dlockstep.scopes=quick|short|full} says how
 * many of them, {@code -Dlockstep.scope=NAME} which one; with {@code -Dlockstep.placement=P}, one
 * of its runs is replayed and leaves its whole trace in {@code target/scope-NAME.txt}.
 */
final class ScopesTest {

  private static final int WHOLE = 100_000;

  @TestFactory
  Stream<DynamicTest> everyInvariantHoldsInEveryRun() {
    String placement = System.getProperty("lockstep.placement", "");
    return chosen().stream()
        .map(
            scope ->
                DynamicTest.dynamicTest(
                    scope.name(),
                    () -> {
                      if (placement.isEmpty()) {
                        goThrough(scope);
                      } else {
                        replay(scope, Placement.parse(placement));
                      }
                    }));
  }

  /** The smallest scope has eyes for each rule of a shell or a cluster that is broken. */
  @Tag("exploration")
  @ParameterizedTest
  @EnumSource
  void aBrokenRuleIsNoticed(Rule rule) {
    Scope scope = Scopes.named("one-fault-coarse-2-long").breaking(rule);
    assertThat(new Enumeration(scope).run().failures()).isNotEmpty();
  }

  private static List<Scope> chosen() {
    String name = System.getProperty("lockstep.scope", "");
    String size = System.getProperty("lockstep.scopes", "quick").toUpperCase(Locale.ROOT);
    return name.isEmpty() ? Scopes.of(Scopes.Size.valueOf(size)) : List.of(Scopes.named(name));
  }

  private static void goThrough(Scope scope) {
    Tally tally = new Enumeration(scope).run();
    System.out.println("scope " + scope + ": " + tally);
    if (!tally.failures().isEmpty()) {
      throw new AssertionError(String.join("\n", tally.failures().values()));
    }
    assertThat(tally.runs()).isPositive();
  }

  private static void replay(Scope scope, Placement placement) throws IOException {
    Trace trace = new Trace(WHOLE);
    Path file = Path.of("target", "scope-" + scope + ".txt");
    try {
      new Story(scope, placement.choices(), new States(), trace).run();
    } finally {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, String.join("\n", trace.lines()) + "\n");
    }
  }
}
