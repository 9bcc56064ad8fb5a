package dev.lockstep.core.membership;

import static dev.lockstep.core.membership.SetDriver.CURRENT;
import static dev.lockstep.core.membership.SetDriver.EPOCH;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.digest;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.Pod;
import org.junit.jupiter.api.Test;

/**
 * From when the drain time of a replica counts: when nobody can hold a connection to it any more.
 */
final class DrainTest {
  private static final Pod.Condition OUT = Pod.Condition.NOT_IN_SYNC;

  private final SetDriver driver = new SetDriver();
  private final InSyncSet set = driver.set;

  /** Rule P28: that it speaks does not say that it hears. */
  @Test
  void drainTimeBeginsWhenItIsKnownToHaveBeenTold() {
    driver.list(0, pod(2, 7, OUT, EPOCH), pod(3, 8, OUT, EPOCH));
    driver.say(2, 0);
    driver.say(3, 0);
    for (long millis = 500; millis <= 20_000; millis += 500) {
      long sequence = millis / 500;
      set.onHeard(podId(2), beat(sequence, 0), at(millis));
      set.onHeard(podId(3), beat(sequence, sequence - 1), at(millis));
      driver.advance(millis);
    }
    assertThat(driver.member(2).isCounted()).as("deaf").isTrue();
    assertThat(driver.member(3).isCounted()).as("told at 1 s").isFalse();
  }

  private static Message.Heartbeat beat(long sequence, long answered) {
    return new Message.Heartbeat(epoch(EPOCH), sequence, answered, CURRENT, digest("a"));
  }

  /** Rule P28: a predecessor that is cut off answers it until the renew deadline, as a leader. */
  @Test
  void whoNeverSpokeHereMayHaveBeenInTouchElsewhere() {
    driver.list(0, pod(2, 7, OUT, EPOCH), pod(3, 8, OUT, EPOCH));
    driver.say(3, 0);
    driver.advance(20_000);
    assertThat(driver.member(3).isCounted()).as("fence time and drain time").isFalse();
    assertThat(driver.member(2).isCounted()).as("and a renew deadline").isTrue();
    driver.advance(24_000);
    assertThat(driver.member(2).isCounted()).isFalse();
  }
}
