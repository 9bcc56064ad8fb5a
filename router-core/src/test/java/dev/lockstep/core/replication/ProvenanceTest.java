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
            new Case("old relist", present("web", 7), absent("web", 6), present("web", 7)));
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

  @Test
  void absencesAreBounded() {
    Provenance known = Provenance.NONE;
    for (int i = 1; i <= 5_000; i++) {
      known = known.observe(absent("web" + i, i)).ride().commit(version(1));
    }
    assertThat(known.absent()).isLessThanOrEqualTo(4_096);
    assertThat(known.tracked().size()).isEqualTo(known.absent());
  }
}
