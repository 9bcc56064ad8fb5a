package dev.lockstep.core;

import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.identity;
import static dev.lockstep.core.sample.Samples.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.core.protocol.Transition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A step is a function: of the state, the event and the moment, and of nothing else. */
final class DeterminismTest {

  /** A life with a leadership, followers, versions, a fence and a departure. */
  private static ReplicaDriver life() {
    ReplicaDriver driver = new ReplicaDriver();
    driver.leadWith(pod(2, 2, Pod.Condition.IN_SYNC, 4), pod(3, 3, Pod.Condition.NOT_IN_SYNC, 0));
    driver.serve("a");
    driver.join(2, Snapshot.NONE);
    driver.join(3, Snapshot.NONE);
    driver.ack(2, driver.served());
    driver.serve("b");
    driver.ack(3, driver.served());
    driver.passTo(driver.now + 4_000);
    driver.confirmWrite();
    driver.passTo(driver.now + 11_000);
    driver.step(new Event.Draining());
    driver.confirmWrite();
    return driver;
  }

  /** Rule P50. */
  @Test
  void sameEventsGiveTheSameEffects() {
    ReplicaDriver first = life();
    assertThat(first.all).hasSizeGreaterThan(30);
    Replica replica = Replica.create(identity(1), Timings.STANDARD);
    List<Effect> again = new ArrayList<>();
    for (ReplicaDriver.Moment moment : first.script) {
      Transition<Replica> next = replica.step(moment.event(), at(moment.millis()));
      replica = next.state();
      again.addAll(next.effects());
    }
    assertThat(again).isEqualTo(first.all);
    assertThat(replica.view()).isEqualTo(first.replica.view());
  }

  /** Rule P50: a state that was stepped from is as it was. */
  @Test
  void oldStateStaysAsItWas() {
    ReplicaDriver first = life();
    Replica replica = Replica.create(identity(1), Timings.STANDARD);
    for (ReplicaDriver.Moment moment : first.script) {
      ReplicaView before = replica.view();
      Transition<Replica> once = replica.step(moment.event(), at(moment.millis()));
      assertThat(replica.view()).as("after %s", moment.event()).isEqualTo(before);
      Transition<Replica> twice = replica.step(moment.event(), at(moment.millis()));
      assertThat(twice.effects()).isEqualTo(once.effects());
      assertThat(twice.state().nextDeadline()).isEqualTo(once.state().nextDeadline());
      replica = once.state();
    }
  }

  @Test
  void timingsThatContradictEachOtherAreRefusedAllAtOnce() {
    Timings t = Timings.STANDARD;
    Timings wrong =
        new Timings(
            Duration.ofMillis(2_500),
            t.renewPeriod(),
            t.renewDeadline(),
            t.retryPause(),
            t.pollPeriod(),
            t.rankStep(),
            t.heartbeatPeriod(),
            t.linkSilence(),
            t.linkSilence(),
            t.drainTime(),
            t.lateTime(),
            t.lonelyTime(),
            t.evictAfter(),
            t.commitsPerSecond(),
            t.commitBurst());
    assertThatThrownBy(() -> Replica.create(identity(1), wrong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("leaseDuration")
        .hasMessageContaining("renewDeadline")
        .hasMessageContaining("fenceTime");
  }
}
