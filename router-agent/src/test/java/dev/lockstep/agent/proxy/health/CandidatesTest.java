package dev.lockstep.agent.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.proxy.health.Candidates.Choice;
import dev.lockstep.agent.proxy.health.Health.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Endpoints are written W well, E ejected, T trial, D dead; half of them may be out. */
class CandidatesTest {

  record Case(String name, String standings, String chosen, Choice choice) {}

  static Stream<Case> cases() {
    return Stream.of(
        new Case("all are well", "WWW", "012", Choice.WELL),
        new Case("nobody is there", "", "", Choice.DEAD),
        new Case("who is out gets nothing", "WEWD", "02", Choice.WELL),
        new Case("a trial is offered", "WTW", "012", Choice.WELL),
        // Panic.
        new Case("half may be out", "WEEW", "03", Choice.WELL),
        new Case("more may not", "WEEE", "0123", Choice.CROWDED),
        new Case("trials count as out", "WTTE", "0123", Choice.CROWDED),
        new Case("a single one is always used", "E", "0", Choice.CROWDED),
        new Case("and so is a single trial", "T", "0", Choice.CROWDED),
        // The dead.
        new Case("dead ones are never for the others' sake", "WDDD", "0", Choice.CROWDED),
        new Case("though they count as out", "WDDE", "03", Choice.CROWDED),
        new Case("before the dead come the ejected", "DDE", "2", Choice.CROWDED),
        new Case("nobody is left", "DD", "01", Choice.DEAD));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void choice(Case c) {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < c.standings.length(); i++) {
      all.add(i);
    }
    Candidates<Integer> found = Candidates.among(all, i -> standing(c.standings.charAt(i)), 50);
    StringBuilder chosen = new StringBuilder();
    found.places().forEach(chosen::append);
    assertThat(chosen).hasToString(c.chosen);
    assertThat(found.choice()).isEqualTo(c.choice);
  }

  private static Standing standing(char letter) {
    return switch (letter) {
      case 'W' -> Standing.WELL;
      case 'E' -> Standing.EJECTED;
      case 'T' -> Standing.TRIAL;
      default -> Standing.DEAD;
    };
  }
}
