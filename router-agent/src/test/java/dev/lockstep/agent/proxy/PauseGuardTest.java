package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PauseGuardTest {
  private static final long SECOND = 1_000_000_000L;

  private final List<Duration> pauses = new ArrayList<>();
  private final AtomicLong steppedAt = new AtomicLong(Long.MAX_VALUE / 2); // Steps all the time.
  private final PauseGuard guard =
      new PauseGuard(
          Duration.ofSeconds(10), new PauseGuard.Watched(pauses::add, steppedAt::get), 0);

  @Test
  void shortGapsAreNoPause() {
    for (int i = 1; i < 100; i++) {
      assertThat(guard.look(i * 10 * SECOND)).isTrue();
    }
    assertThat(pauses).isEmpty();
  }

  @Test
  void theVeryLookThatFindsTheGapRefuses() {
    guard.look(SECOND);
    assertThat(guard.look(12 * SECOND)).isFalse();
    assertThat(pauses).containsExactly(Duration.ofSeconds(11));
    assertThat(guard.look(13 * SECOND)).isFalse();
    assertThat(pauses).hasSize(1);
  }

  @Test
  void resumeAfterThePauseServesAgain() {
    guard.look(20 * SECOND);
    guard.resume(21 * SECOND, 22 * SECOND);
    assertThat(guard.look(23 * SECOND)).isTrue();
  }

  @Test
  void resumeThatWasDecidedBeforeThePauseIsIgnored() {
    guard.look(SECOND);
    guard.look(20 * SECOND);
    guard.resume(2 * SECOND, 21 * SECOND);
    assertThat(guard.look(22 * SECOND)).isFalse();
  }

  @Test
  void resumeThatWasItselfPausedOnItsWayIsANewPause() {
    guard.look(20 * SECOND);
    guard.resume(21 * SECOND, 40 * SECOND);
    assertThat(guard.look(41 * SECOND)).isFalse();
    assertThat(pauses).hasSize(2);
  }

  @Test
  void loopThatHasNotLookedSinceTheFirstPauseIsNotStoppedAgain() {
    guard.look(SECOND);
    // Another loop noticed the pause; this one wakes with the resume.
    guard.resume(20 * SECOND, 20 * SECOND + 1);
    assertThat(guard.look(21 * SECOND)).isTrue();
    assertThat(pauses).isEmpty();
  }

  /** Rule P48: the loops go on while the machine's thread does not. */
  @Test
  void loopDoesNotServeOnWithoutTheMachine() {
    steppedAt.set(0);
    assertThat(guard.look(9 * SECOND)).isTrue();
    assertThat(guard.look(11 * SECOND)).isFalse();
    assertThat(guard.look(12 * SECOND)).as("told once").isFalse();
    assertThat(pauses).containsExactly(Duration.ofSeconds(11));
    steppedAt.set(13 * SECOND);
    assertThat(guard.look(13 * SECOND)).as("it has not decided yet").isFalse();
    guard.resume(14 * SECOND, 14 * SECOND);
    assertThat(guard.look(15 * SECOND)).isTrue();
  }
}
