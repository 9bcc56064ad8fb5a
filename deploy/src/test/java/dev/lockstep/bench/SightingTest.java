package dev.lockstep.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.bench.load.Reply;
import org.junit.jupiter.api.Test;

/** What counts as a false open: the one thing that the benchmark must not overlook. */
final class SightingTest {
  private static final int LATER = 1; // From the start of a request to its answer.

  private final Watch watch = new Watch(Change.UPDATE, 1);
  private final Sighting sighting = new Sighting(watch);

  @Test
  void oldStateInAnAnswerToALaterRequestIsAFalseOpen() {
    watch.open(100);
    see(101, Change.FIRST_BACKEND);
    see(102, Change.SECOND_BACKEND);
    assertThat(sighting.falseOpen()).isTrue();
  }

  @Test
  void oldStateInAnAnswerToAnEarlierRequestIsNone() {
    see(99, Change.FIRST_BACKEND);
    watch.open(100);
    see(101, Change.SECOND_BACKEND);
    assertThat(sighting.falseOpen()).isFalse();
  }

  @Test
  void requestThatStartedAtTheVeryMomentProvesNothing() {
    watch.open(100);
    see(100, Change.FIRST_BACKEND);
    assertThat(sighting.falseOpen()).isFalse();
  }

  @Test
  void oldStateAfterTheNewOneIsAFalseOpenToo() {
    see(98, Change.SECOND_BACKEND);
    watch.open(100);
    see(101, Change.SECOND_BACKEND);
    see(102, Change.FIRST_BACKEND);
    assertThat(sighting.falseOpen()).isTrue();
  }

  @Test
  void falseOpenShowsThoughTheAnswerWasNotedBeforeTheBarriers() {
    see(101, Change.FIRST_BACKEND);
    watch.open(100);
    assertThat(sighting.falseOpen()).isTrue();
  }

  @Test
  void liveIsTheFirstAnswerWithTheNewState() {
    see(10, Change.FIRST_BACKEND);
    assertThat(sighting.liveAt()).isEmpty();
    see(20, Change.SECOND_BACKEND);
    see(30, Change.SECOND_BACKEND);
    assertThat(sighting.liveAt()).hasValue(20 + LATER);
  }

  @Test
  void whatIsNeitherOldNorNewIsAFailure() {
    sighting.note(10, new Reply(503, "", 10, 11));
    sighting.note(20, new Reply(200, "somebody-else", 20, 21));
    sighting.note(30, new Reply(404, "", 30, 31));
    sighting.noteBroken();
    assertThat(sighting.failures()).isEqualTo(4);
    assertThat(sighting.polls()).isEqualTo(4);
    assertThat(sighting.liveAt()).isEmpty();
  }

  @Test
  void requestsAfterTheBarrierAreCounted() {
    see(99, Change.SECOND_BACKEND);
    watch.open(100);
    see(100, Change.SECOND_BACKEND);
    see(101, Change.SECOND_BACKEND);
    assertThat(sighting.checksAfterOpen()).isEqualTo(1);
  }

  private void see(long start, String backend) {
    sighting.note(start, new Reply(200, backend, start + LATER, start + LATER));
  }
}
