package dev.lockstep.core.membership;

import static dev.lockstep.core.membership.SetDriver.CURRENT;
import static dev.lockstep.core.membership.SetDriver.EPOCH;
import static dev.lockstep.core.membership.SetDriver.exclusion;
import static dev.lockstep.core.membership.SetDriver.inSync;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Pod;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A pod as a register: how writes of unknown outcome are settled. */
final class RegisterTest {
  private static final Effect READ = new Effect.ReadPod(podId(2));

  private final SetDriver driver = new SetDriver();
  private final InSyncSet set = driver.set;

  private List<Effect> settle(Pod seen) {
    List<Effect> out = new ArrayList<>();
    set.settle(seen, CURRENT, out);
    return out;
  }

  /** Rule P31: nothing else could be written to the pod before. */
  @Test
  void outcomeIsAskedForThoughTheReasonOfTheWriteHasPassed() {
    Pod in = inSync(1)[0];
    driver.list(0, in);
    driver.join(2, 0);
    assertThat(driver.advance(10_000)).containsExactly(exclusion(in, 2, "it is silent"));
    set.onWriteUnresolved(podId(2), at(10_100));
    set.onServed(podId(2), CURRENT, at(10_200));
    assertThat(driver.advance(10_349)).isEmpty();
    assertThat(driver.advance(10_350)).containsExactly(READ);
  }

  /** Rule P31: it may still land, and only a read can tell. */
  @Test
  void sightOfThePodAsItWasSettlesNothing() {
    Pod in = inSync(1)[0];
    driver.list(0, in);
    driver.advance(10_000);
    set.onWriteUnresolved(podId(2), at(10_100));
    set.onSeen(in, at(10_200));
    assertThat(driver.advance(10_350)).containsExactly(READ);
  }

  /** Rule P31: a repetition on another base is another write. */
  @Test
  void writeIsRepeatedOnItsOwnBaseOnly() {
    Pod in = inSync(1)[0];
    driver.list(0, in);
    driver.advance(10_000);
    assertThat(settle(pod(2, in.resourceVersion() - 1, in.condition(), EPOCH))).isEmpty();
    assertThat(settle(in)).containsExactly(exclusion(in, 2, "it is silent"));
  }

  @Test
  void sightOfAPodWithoutAWriteRepeatsNothing() {
    Pod in = inSync(1)[0];
    assertThat(settle(in)).as("unknown").isEmpty();
    driver.list(0, in);
    assertThat(settle(in)).as("nothing written").isEmpty();
  }

  /** Rule P26: it stays counted until it is seen, so reading goes on until it is. */
  @Test
  void unseenPodIsReadAgainWhenTheReadFails() {
    driver.list(0);
    driver.say(2, 0);
    assertThat(driver.advance(0)).containsExactly(READ);
    set.onWriteUnresolved(podId(2), at(10));
    assertThat(set.nextDeadline(at(10))).isEqualTo(at(260));
    assertThat(driver.advance(259)).isEmpty();
    assertThat(driver.advance(260)).containsExactly(READ);
  }

  @Test
  void lateOutcomeOfAWriteThatIsSettledIsNoReasonToRead() {
    driver.list(0, pod(2, 7, Pod.Condition.NOT_IN_SYNC, EPOCH));
    driver.say(2, 0);
    set.onWriteUnresolved(podId(2), at(10));
    assertThat(driver.advance(5_000)).isEmpty();
  }
}
