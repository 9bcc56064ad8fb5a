package dev.lockstep.sim.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Event;
import org.junit.jupiter.api.Test;

final class SpinWatchTest {
  private static final Event WAKES = new Event.TimePassed();
  private static final Event HEARS = new Event.LeaseMissing();

  private static boolean seen(SpinWatch watch, Event event, int times, long now) {
    boolean seen = false;
    for (int i = 0; i < times; i++) {
      seen = watch.isSeen(event, now);
    }
    return seen;
  }

  @Test
  void machineThatWakesItselfWithoutEndSpins() {
    assertThat(seen(new SpinWatch(), WAKES, 100, 5)).isFalse();
    assertThat(seen(new SpinWatch(), WAKES, 101, 5)).isTrue();
  }

  @Test
  void momentThatIsOverDoesNotCount() {
    SpinWatch watch = new SpinWatch();
    assertThat(seen(watch, WAKES, 100, 5)).isFalse();
    assertThat(seen(watch, WAKES, 100, 6)).isFalse();
  }

  /** Seed 74,328: a watch that had stood said it all at once. */
  @Test
  void whatOthersSayIsNoSpin() {
    assertThat(seen(new SpinWatch(), HEARS, 1_000, 5)).isFalse();
  }
}
