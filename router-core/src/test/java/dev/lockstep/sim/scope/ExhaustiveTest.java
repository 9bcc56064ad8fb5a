package dev.lockstep.sim.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The generator leaves nothing out and does nothing twice. */
final class ExhaustiveTest {

  @Test
  void everySequenceOfAnswersComesOnceInOrder() {
    List<String> seen = everything(Exhaustive.all(), c -> c.choose(2) + "" + c.choose(3));
    assertThat(seen).containsExactly("00", "01", "02", "10", "11", "12");
  }

  @Test
  void whatIsAskedMayDependOnWhatWasAnswered() {
    List<String> seen = everything(Exhaustive.all(), ExhaustiveTest::subset);
    assertThat(seen).containsExactly("", "3", "2", "23", "1", "13", "12", "123");
    assertThat(everything(Exhaustive.all(), ExhaustiveTest::permutation))
        .hasSize(24)
        .doesNotHaveDuplicates();
  }

  @Test
  void aProgramThatAsksNothingRunsOnce() {
    assertThat(everything(Exhaustive.all(), c -> "done")).containsExactly("done");
  }

  @Test
  void thePartsTogetherAreTheWhole() {
    Exhaustive first = Exhaustive.all();
    assertThat(first.next()).isTrue();
    Set<String> parts = new LinkedHashSet<>(List.of(atMostTwo(first)));
    int runs = 1;
    for (int place = 0; place < first.asked(); place++) {
      for (int answer = 1; answer < first.bound(place); answer++) {
        List<String> part = everything(Exhaustive.under(place, answer), ExhaustiveTest::atMostTwo);
        runs += part.size();
        parts.addAll(part);
      }
    }
    List<String> whole = everything(Exhaustive.all(), ExhaustiveTest::atMostTwo);
    assertThat(parts).containsExactlyInAnyOrderElementsOf(whole).hasSize(runs);
    assertThat(runs).as("none, one of five places, or two, three ways each").isEqualTo(1 + 15 + 90);
  }

  @Test
  void aPlacementRepeatsItsRun() {
    Exhaustive choices = Exhaustive.all();
    while (choices.next()) {
      String seen = atMostTwo(choices);
      Placement written = Placement.parse(choices.placement().toString());
      assertThat(atMostTwo(written.choices())).isEqualTo(seen);
    }
  }

  @Test
  void aProgramThatIsNotTheSameEachTimeIsNoticed() {
    Exhaustive choices = Exhaustive.all();
    choices.next();
    choices.choose(3);
    choices.next();
    assertThatIllegalStateException().isThrownBy(() -> choices.choose(1));
  }

  @Test
  void whatIsNoPlacementIsRefusedWithAReason() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Placement.parse("12:3"))
        .withMessageContaining("12:3 (expected: none, or like 137=12,201=3)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Placement.parse("0=7").choices().choose(4))
        .withMessageContaining("0=7 (expected: less than 4)");
  }

  private static List<String> everything(Exhaustive choices, Function<Choices, String> program) {
    List<String> seen = new ArrayList<>();
    while (choices.next()) {
      seen.add(program.apply(choices));
    }
    return seen;
  }

  private static String subset(Choices choices) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= 3; i++) {
      text.append(choices.choose(2) == 1 ? Integer.toString(i) : "");
    }
    return text.toString();
  }

  private static String permutation(Choices choices) {
    List<String> left = new ArrayList<>(List.of("a", "b", "c", "d"));
    StringBuilder text = new StringBuilder();
    while (!left.isEmpty()) {
      text.append(left.remove(choices.choose(left.size())));
    }
    return text.toString();
  }

  /** Five places, at most two of which get something else than nothing. */
  private static String atMostTwo(Choices choices) {
    StringBuilder text = new StringBuilder();
    int spent = 0;
    for (int place = 0; place < 5; place++) {
      int choice = spent < 2 ? choices.choose(4) : 0;
      spent += choice > 0 ? 1 : 0;
      text.append(choice);
    }
    return text.toString();
  }
}
