package dev.lockstep.agent.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConnectPaceTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void whatASecondAllowsBeginsAtOnceAndTheRestInTurn() {
    ConnectPace pace = new ConnectPace(10, SECOND);
    for (int i = 0; i < 10; i++) {
      assertThat(pace.reserve(SECOND)).as("connection %d", i).isZero();
    }
    assertThat(Duration.ofNanos(pace.reserve(SECOND)).toMillis()).isEqualTo(100);
    assertThat(Duration.ofNanos(pace.reserve(SECOND)).toMillis()).isEqualTo(200);
    assertThat(pace.reserve(SECOND + SECOND / 4)).isEqualTo(SECOND / 20);
  }

  @Test
  void turnThatIsGivenBackIsTheNextOnes() {
    ConnectPace pace = new ConnectPace(1, SECOND);
    assertThat(pace.reserve(SECOND)).isZero();
    for (int i = 0; i < 5; i++) {
      assertThat(pace.reserve(SECOND)).isEqualTo(SECOND);
      pace.giveBack();
    }
  }

  @Test
  void silenceSavesUpASecondAndNoMore() {
    ConnectPace pace = new ConnectPace(10, 0);
    long later = 3600 * SECOND;
    for (int i = 0; i < 10; i++) {
      assertThat(pace.reserve(later)).isZero();
    }
    assertThat(pace.reserve(later)).isPositive();
  }

  @Test
  void thereMayBeNoBound() {
    ConnectPace pace = new ConnectPace(0, 0);
    for (int i = 0; i < 100_000; i++) {
      assertThat(pace.reserve(0)).isZero();
    }
  }
}
