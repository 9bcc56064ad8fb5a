package dev.lockstep.chaos.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Which faults go together, and how long they last. */
final class FaultKindTest {
  @Test
  void oneKillDoesNotKeepAnother() {
    assertThat(FaultKind.KILL_LEADER.goesWith(FaultKind.PAUSE_FOLLOWER)).isTrue();
    assertThat(FaultKind.KILL_LEADER.goesWith(FaultKind.LINK_CUT)).isTrue();
    assertThat(FaultKind.API_AWAY.goesWith(FaultKind.KILL_ALL)).isTrue();
  }

  @Test
  void podsAreNotReplacedWithoutAnApiServerNorWhileTheyArePaused() {
    assertThat(FaultKind.ROLLING_RESTART.goesWith(FaultKind.API_AWAY)).isFalse();
    assertThat(FaultKind.API_AWAY.goesWith(FaultKind.ROLLING_RESTART)).isFalse();
    assertThat(FaultKind.ROLLING_RESTART.goesWith(FaultKind.PAUSE_FOLLOWER)).isFalse();
    assertThat(FaultKind.PAUSE_FOLLOWER.goesWith(FaultKind.ROLLING_RESTART)).isFalse();
  }

  @Test
  void everyFaultIsHealedAfterABoundedTime() {
    for (FaultKind kind : FaultKind.values()) {
      assertThat(kind.length(0)).as(kind.label()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
      assertThat(kind.length(1)).as(kind.label()).isLessThanOrEqualTo(Duration.ofSeconds(32));
    }
  }

  /** The fence time is ten seconds: what is shorter must cost no request. */
  @Test
  void briefPausesStayBelowTheFenceTime() {
    assertThat(FaultKind.PAUSE_FOLLOWER_BRIEFLY.length(1)).isLessThan(Duration.ofSeconds(8));
    assertThat(FaultKind.PAUSE_LEADER_BRIEFLY.length(1)).isLessThan(Duration.ofSeconds(8));
    assertThat(FaultKind.PAUSE_FOLLOWER.length(0)).isGreaterThan(Duration.ofSeconds(10));
  }
}
