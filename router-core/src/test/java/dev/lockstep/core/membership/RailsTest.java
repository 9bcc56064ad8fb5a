package dev.lockstep.core.membership;

import static dev.lockstep.core.membership.SetDriver.CURRENT;
import static dev.lockstep.core.membership.SetDriver.EPOCH;
import static dev.lockstep.core.membership.SetDriver.exclusion;
import static dev.lockstep.core.membership.SetDriver.inSync;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.digest;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.Pod;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Who takes a place on the rails, and whom they hold back. */
final class RailsTest {
  private static final Message.Heartbeat BEAT =
      new Message.Heartbeat(epoch(EPOCH), 1, 0, version(10), digest("a"));

  private final SetDriver driver = new SetDriver();

  private static Pod dead(Pod pod) {
    return SetDriver.with(pod, Pod.Process.NOT_RUNNING, Pod.Phase.PRESENT);
  }

  private static Pod unready(Pod pod) {
    return SetDriver.with(pod, Pod.Process.UNREADY, Pod.Phase.PRESENT);
  }

  /** Pods 2 and 3 are silent, and 2 is fenced: the place is taken. */
  private Pod[] full() {
    Pod[] pods = inSync(2);
    driver.list(0, pods);
    assertThat(driver.advance(10_000)).containsExactly(exclusion(pods[0], 2, "it is silent"));
    return pods;
  }

  /** Rules P36 and P37. */
  @Test
  void whoLeavesIsFencedThoughThePlaceIsTaken() {
    Pod[] pods = full();
    driver.set.onBye(podId(3));
    assertThat(driver.advance(10_001)).containsExactly(exclusion(pods[1], 3, "it is leaving"));
  }

  /** Rules P36 and P37. */
  @Test
  void whoIsRunByNobodyIsFencedThoughThePlaceIsTaken() {
    Pod dead = dead(full()[1]);
    driver.set.onSeen(dead, at(10_001));
    assertThat(driver.advance(10_001)).containsExactly(exclusion(dead, 3, "nobody runs there"));
  }

  /** Rules P36 and P37: its node is lost, so Kubernetes sends it no traffic any more. */
  @Test
  void whoIsSilentAndNotReadyIsFencedThoughThePlaceIsTaken() {
    Pod unready = unready(full()[1]);
    driver.set.onSeen(unready, at(10_001));
    assertThat(driver.advance(10_001))
        .containsExactly(exclusion(unready, 3, "it is silent and not ready"));
  }

  /** Rule P37: a probe that fails is no silence. */
  @Test
  void whoIsNotReadyButSpeaksIsLeftAlone() {
    Pod unready = unready(inSync(1)[0]);
    driver.list(0, unready);
    driver.join(2, 9_000);
    assertThat(driver.advance(18_000)).isEmpty();
  }

  /** Rules P36 and P37: it is one more of the living as soon as it speaks. */
  @Test
  void whoWasLostTakesNoPlaceUntilItIsBack() {
    Pod[] pods = inSync(3);
    Pod lost = unready(pods[0]);
    driver.list(0, lost, pods[1], pods[2]);
    driver.join(3, 5_000);
    driver.join(4, 5_000);
    assertThat(driver.advance(10_000))
        .containsExactly(exclusion(lost, 2, "it is silent and not ready"));
    driver.set.onSeen(pod(2, 200, Pod.Condition.NOT_IN_SYNC, EPOCH), at(10_001));
    assertThat(driver.advance(15_000))
        .as("one, for 2 takes no place")
        .containsExactly(exclusion(pods[1], 3, "it is silent"));
    driver.set.onBye(podId(3));
    driver.say(2, 15_001);
    assertThat(driver.advance(15_002)).as("2 takes the place of 3").isEmpty();
  }

  /** Rule P36: if many lag, the config is to blame. */
  @Test
  void lagIsHeldBackAsSilenceIs() {
    driver.list(0, inSync(3));
    for (int replica = 2; replica <= 4; replica++) {
      driver.join(replica, 0);
    }
    driver.set.onCurrent(version(11), at(0));
    for (int replica = 2; replica <= 4; replica++) {
      driver.set.onHeard(podId(replica), BEAT, at(9_000));
    }
    assertThat(driver.advance(10_000))
        .containsExactly(exclusion(inSync(1)[0], 2, "it does not apply the current version"));
  }

  /** Rule P36: nobody is harmed by a fence of who is leaving or dead anyway. */
  @Test
  void whoIsLeavingOrDeadTakesNoPlace() {
    record Case(String name, Consumer<SetDriver> change) {}
    List<Case> cases =
        List.of(
            new Case("leaving", d -> d.set.onBye(podId(2))),
            new Case("dead", d -> d.set.onSeen(dead(inSync(1)[0]), at(10_001))));
    for (Case row : cases) {
      RailsTest fresh = new RailsTest();
      Pod other = fresh.full()[1];
      row.change().accept(fresh.driver);
      assertThat(fresh.driver.advance(10_002))
          .as(row.name())
          .contains(exclusion(other, 3, "it is silent"));
    }
  }

  /** Rule P36: a quarter of the living who are, or were, in sync; our own pod is one of them. */
  @Test
  void quarterIsOfThoseWhoCouldServe() {
    record Case(String name, Consumer<SetDriver> change, int fenced) {}
    Pod last = inSync(7)[6];
    List<Case> cases =
        List.of(
            new Case("eight", d -> {}, 2),
            new Case("one is leaving", d -> d.set.onBye(podId(8)), 1),
            new Case("one is dead", d -> d.set.onSeen(dead(last), at(1)), 1),
            new Case("one is joining", d -> d.set.onSeen(joining(last), at(1)), 1));
    for (Case row : cases) {
      RailsTest fresh = new RailsTest();
      fresh.driver.list(0, inSync(7));
      row.change().accept(fresh.driver);
      long silent =
          fresh.driver.advance(10_000).stream()
              .filter(Effect.WritePod.class::isInstance)
              .filter(write -> ((Effect.WritePod) write).reason().equals("it is silent"))
              .count();
      assertThat(silent).as(row.name()).isEqualTo(row.fenced());
    }
  }

  private static Pod joining(Pod pod) {
    return pod(8, pod.resourceVersion() + 1, Pod.Condition.NOT_IN_SYNC, EPOCH);
  }

  /** Rule P36: who is fenced already still is one of the set that was. */
  @Test
  void fencedOnesStayInTheSetThatTheQuarterIsOf() {
    driver.list(0, inSync(7));
    for (int replica = 3; replica <= 8; replica++) {
      driver.set.onServed(podId(replica), CURRENT, at(5_000));
    }
    assertThat(driver.advance(10_000)).hasSize(1);
    driver.set.onSeen(pod(2, 200, Pod.Condition.NOT_IN_SYNC, EPOCH), at(10_001));
    assertThat(driver.advance(15_000)).as("one more of eight").hasSize(1);
  }
}
