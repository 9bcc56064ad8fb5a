package dev.lockstep.core.replication;

import static dev.lockstep.core.sample.Samples.absent;
import static dev.lockstep.core.sample.Samples.object;
import static dev.lockstep.core.sample.Samples.present;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Observation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which version holds which observation. */
final class ProvenanceTest {

  private static Provenance.Tracked web(Provenance known) {
    return known.find(object("web")).orElseThrow();
  }

  /** Rule P42: first, then; what is known afterwards. */
  @Test
  void observationsFoldByResourceVersion() {
    record Case(String name, Observation first, Observation then, Observation known) {}
    List<Case> cases =
        List.of(
            new Case("newer", present("web", 5), present("web", 6), present("web", 6)),
            new Case("older", present("web", 5), present("web", 4), present("web", 5)),
            new Case("deleted", present("web", 5), absent("web", 6), absent("web", 6)),
            new Case("late ADD", absent("web", 6), present("web", 5), absent("web", 6)),
            new Case("created again", absent("web", 6), present("web", 7), present("web", 7)),
            new Case("old relist", present("web", 7), absent("web", 6), present("web", 7)),
            new Case("judged anew", present("web", 5), quarantined(5), quarantined(5)));
    for (Case row : cases) {
      Provenance known = Provenance.NONE.observe(row.first()).observe(row.then());
      assertThat(web(known).observation()).as(row.name()).isEqualTo(row.known());
    }
  }

  /** Rule P43. */
  @Test
  void observationBelongsToTheCommitThatItRodeWith() {
    Provenance riding = Provenance.NONE.observe(present("web", 5)).ride();
    assertThat(web(riding).version()).isEmpty();
    assertThat(web(riding.commit(version(3))).version()).contains(version(3));
  }

  /** Rule P43: what comes while a commit is under way waits for the next. */
  @Test
  void laterObservationDoesNotRideAlong() {
    Provenance known = Provenance.NONE.observe(present("web", 5)).ride().observe(present("web", 6));
    known = known.commit(version(3));
    assertThat(web(known).version()).isEmpty();
    assertThat(web(known.ride().commit(version(4))).version()).contains(version(4));
  }

  /** Rule P43: what is counted anew belongs to the commit that comes next, and to no other. */
  @Test
  void observationThatIsLiftedWaitsForTheNextCommit() {
    Provenance known = Provenance.NONE.observe(present("web", 5)).ride().commit(version(3));
    assertThat(known.isWaiting()).isFalse();
    Provenance lifted = known.lift();
    assertThat(web(lifted).version()).isEmpty();
    assertThat(lifted.isWaiting()).isTrue();
    assertThat(web(lifted.ride().commit(version(9))).version()).contains(version(9));
    Provenance waiting = Provenance.NONE.observe(present("web", 5));
    assertThat(waiting.lift()).isEqualTo(waiting);
  }

  /** Rule P43. */
  @Test
  void observationThatChangesNothingBelongsToTheCurrentVersion() {
    Provenance known = Provenance.NONE.observe(present("web", 5)).ride().commit(version(2));
    assertThat(web(known))
        .isEqualTo(new Provenance.Tracked(present("web", 5), Optional.of(version(2))));
  }

  @Test
  void repeatedObservationKeepsItsVersion() {
    Provenance known = Provenance.NONE.observe(present("web", 5)).ride().commit(version(2));
    assertThat(known.observe(present("web", 5))).isSameAs(known);
  }

  private static Observation quarantined(long resourceVersion) {
    return new Observation(
        object("web"),
        resourceVersion,
        Observation.State.PRESENT,
        Observation.Verdict.QUARANTINED,
        "no such port");
  }

  /** Rule P44: people are told of these. */
  @Test
  void quarantinedObjectsAreListed() {
    Provenance known = Provenance.NONE.observe(quarantined(5)).observe(present("shop", 6));
    assertThat(known.quarantined()).containsExactly(quarantined(5));
  }

  @Test
  void absencesAreCountedOnceEach() {
    Provenance known = Provenance.NONE.observe(absent("a", 1)).observe(absent("b", 2));
    assertThat(known.absent()).isEqualTo(2);
    assertThat(known.observe(absent("a", 3)).absent()).as("still absent").isEqualTo(2);
    assertThat(known.observe(present("a", 3)).absent()).as("created again").isEqualTo(1);
    assertThat(known.observe(present("c", 3)).absent()).as("another one").isEqualTo(2);
  }

  private static Provenance absences(Provenance known, int from, int to) {
    Provenance more = known;
    for (int i = from; i <= to; i++) {
      more = more.observe(absent("gone" + (10_000 + i), i));
    }
    return more;
  }

  private static Provenance settled(Provenance known) {
    return known.ride().commit(version(1));
  }

  /** Half of the bound is left, so that not each further absence looks for one to forget. */
  @Test
  void absencesBeyondTheBoundAreForgotten() {
    Provenance full = settled(absences(settled(absences(Provenance.NONE, 1, 4_095)), 4_096, 4_096));
    assertThat(full.absent()).isEqualTo(4_096);
    assertThat(full.tracked().size()).isEqualTo(4_096);
    Provenance after = absences(full, 4_097, 4_097);
    assertThat(after.absent()).isEqualTo(2_048);
    assertThat(after.tracked().size()).isEqualTo(2_048);
  }

  /** Rule P43: somebody may wait for it, and it has no version yet. */
  @Test
  void absencesWithoutAVersionAreNotForgotten() {
    Provenance known = absences(Provenance.NONE, 1, 5_000);
    assertThat(known.tracked().size()).isEqualTo(5_000);
    assertThat(settled(known).tracked().size()).isEqualTo(5_000);
  }

  @Test
  void presencesAreNeverForgotten() {
    Provenance known = settled(Provenance.NONE.observe(present("a", 1)));
    known = absences(settled(absences(known, 1, 4_096)), 4_097, 4_097);
    assertThat(known.find(object("a"))).isPresent();
    assertThat(known.tracked().size()).isEqualTo(2_049);
  }
}
