package dev.lockstep.agent.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RecoveryTest {
  private static final Growth DELAY = new Growth(Duration.ofSeconds(1), Duration.ofSeconds(30));

  /** The example in the documentation of node-cueball, whose words these are. */
  @Test
  void threeAttemptsBeginAndFailWhenCueballSaysThatTheyDo() {
    Recovery recovery =
        new Recovery(
            3,
            new Growth(Duration.ofMillis(1000), Duration.ofMillis(8000)),
            new Growth(Duration.ofMillis(100), Duration.ofMillis(1000)));
    List<Long> begins = new ArrayList<>();
    long now = 0;
    for (int attempt = 0; attempt < 3; attempt++) {
      begins.add(now);
      now += recovery.timeout().at(attempt).toMillis() + recovery.delay().at(attempt).toMillis();
    }
    assertThat(begins).containsExactly(0L, 1100L, 3300L);
    assertThat(now).isEqualTo(7700);
  }

  @Test
  void timesDoubleUpToTheirBound() {
    List<Long> seconds = new ArrayList<>();
    for (int attempt = 0; attempt < 7; attempt++) {
      seconds.add(DELAY.at(attempt).toSeconds());
    }
    assertThat(seconds).containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L);
    assertThat(DELAY.at(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void drawnTimesLieATenthToEitherSideAndApartFromEachOther() {
    SplittableRandom random = new SplittableRandom(1);
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      millis.add(DELAY.at(2, random).toMillis());
    }
    assertThat(millis).allMatch(it -> it >= 3600 && it <= 4400);
    assertThat(millis.stream().distinct().count()).isGreaterThan(400);
    assertThat(millis.stream().filter(it -> it < 4000).count()).isBetween(400L, 600L);
  }

  @Test
  void timesThatCannotBeAreRefused() {
    assertThatThrownBy(() -> new Growth(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Recovery.of(-1, Duration.ofSeconds(1), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
