package dev.lockstep.agent.kubernetes.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Of two sightings the newer one holds, in whatever order they come. */
final class FoldTest {

  private record Case(String name, Consumer<Fold<String, String>> sightings, String expected) {}

  @Test
  void theNewerSightingHolds() {
    List<Case> table =
        List.of(
            new Case("added", fold -> seen(fold, 5), "a@5"),
            new Case("changed", fold -> seen(fold, 5, 6), "a@6"),
            new Case("older after newer", fold -> seen(fold, 6, 5), "a@6"),
            new Case("twice", fold -> seen(fold, 5, 5), "a@5"),
            new Case("deleted", fold -> seen(fold, 5).missing("a", 7), "none@7"),
            new Case("an old deletion comes late", fold -> seen(fold, 8).missing("a", 7), "a@8"),
            new Case("an old ADD comes late", fold -> missing(fold, 7).seen("a", at(6)), "none@7"),
            new Case("ADD of the same moment", fold -> missing(fold, 7).seen("a", at(7)), "none@7"),
            new Case("created again", fold -> missing(fold, 7).seen("a", at(8)), "a@8"),
            new Case("absences grow", fold -> missing(fold, 7).missing("a", 9), "none@9"),
            new Case("absences do not shrink", fold -> missing(fold, 9).missing("a", 7), "none@9"),
            new Case("list without it", fold -> seen(fold, 5).listed(Map.of(), 6), "none@6"),
            new Case("list from behind", fold -> seen(fold, 5).listed(Map.of(), 4), "a@5"),
            new Case(
                "list from behind with it",
                fold -> missing(fold, 7).listed(Map.of("a", at(5)), 6),
                "none@7"),
            new Case(
                "list with a newer one",
                fold -> seen(fold, 5).listed(Map.of("a", at(8)), 9),
                "a@8"),
            new Case(
                "a read from before a list without it",
                fold -> list(fold, 6).seen("a", at(5)),
                "none@6"),
            new Case("created after a list", fold -> list(fold, 6).seen("a", at(7)), "a@7"),
            new Case(
                "lists do not go back", fold -> list(list(fold, 6), 4).seen("a", at(5)), "none@6"),
            new Case("deleted after a list", fold -> list(fold, 6).missing("a", 8), "none@8"),
            new Case("unknown", fold -> {}, "unknown"));
    for (Case row : table) {
      Fold<String, String> fold = new Fold<>();
      row.sightings.accept(fold);
      assertThat(state(fold)).as(row.name).isEqualTo(row.expected);
    }
  }

  @Test
  void aListTellsWhatChanged() {
    Fold<String, String> fold = new Fold<>();
    fold.seen("gone", at(1));
    fold.seen("same", at(2));
    fold.seen("newer", at(9));
    assertThat(fold.listed(new TreeMap<>(Map.of("same", at(2), "fresh", at(3), "newer", at(4))), 5))
        .containsExactly("gone", "fresh");
  }

  /** Whatever is lost, doubled, late or out of order: the last word is that of the newest. */
  @Test
  void anyOrderEndsInTheSameState() {
    for (long seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      List<Consumer<Fold<String, String>>> history = history(random);
      Consumer<Fold<String, String>> last = history.getLast();
      List<Consumer<Fold<String, String>>> delivered = new ArrayList<>(history);
      delivered.addAll(history.subList(0, random.nextInt(history.size())));
      delivered.removeIf(sighting -> sighting != last && random.nextInt(4) == 0);
      Collections.shuffle(delivered, random);
      Fold<String, String> inOrder = new Fold<>();
      history.forEach(sighting -> sighting.accept(inOrder));
      Fold<String, String> disturbed = new Fold<>();
      delivered.forEach(sighting -> sighting.accept(disturbed));
      assertThat(state(disturbed)).as("seed %d", seed).isEqualTo(state(inOrder));
    }
  }

  /** The true life of one object, each moment as a watch, a read or a list may show it. */
  private static List<Consumer<Fold<String, String>>> history(Random random) {
    List<Consumer<Fold<String, String>>> history = new ArrayList<>();
    for (long moment = 1; moment <= 10; moment++) {
      long now = moment;
      history.add(
          switch (random.nextInt(4)) {
            case 0 -> fold -> fold.missing("a", now);
            case 1 -> fold -> fold.listed(Map.of("a", at(now)), now);
            default -> fold -> fold.seen("a", at(now));
          });
    }
    return history;
  }

  private static Fold<String, String> seen(Fold<String, String> fold, long... versions) {
    for (long version : versions) {
      fold.seen("a", at(version));
    }
    return fold;
  }

  private static Fold<String, String> missing(Fold<String, String> fold, long version) {
    fold.missing("a", version);
    return fold;
  }

  private static Fold<String, String> list(Fold<String, String> fold, long version) {
    fold.listed(Map.of(), version);
    return fold;
  }

  private static Fold.Present<String> at(long version) {
    return new Fold.Present<>("uid", version, "a@" + version);
  }

  private static String state(Fold<String, String> fold) {
    return fold.get("a")
        .map(Fold.Present::object)
        .or(() -> fold.absence("a").map(version -> "none@" + version))
        .orElse("unknown");
  }
}
