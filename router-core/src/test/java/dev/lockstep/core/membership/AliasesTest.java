package dev.lockstep.core.membership;

import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.hello;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.Timings;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Short names stay with their pods. */
final class AliasesTest {

  private static Pod pod(int number, String alias) {
    return new Pod(
        podId(number),
        number,
        Pod.Condition.NOT_IN_SYNC,
        epoch(0),
        version(0),
        alias,
        Pod.Process.RUNNING,
        Pod.Phase.PRESENT,
        Pod.Gate.PRESENT,
        "");
  }

  private static Member member(String alias) {
    return new Member(pod(9, alias), alias, at(0));
  }

  @Test
  void newPodGetsTheLowestFreeNumber() {
    assertThat(Aliases.of(pod(1, ""), List.of())).isEqualTo("router1");
    assertThat(Aliases.of(pod(1, ""), List.of(member("router1"), member("router3"))))
        .isEqualTo("router2");
  }

  @Test
  void podKeepsTheNameThatAnEarlierLeaderGaveIt() {
    assertThat(Aliases.of(pod(1, "router7"), List.of(member("router1")))).isEqualTo("router7");
  }

  @Test
  void takenOrForeignNamesAreNotKept() {
    assertThat(Aliases.of(pod(1, "router7"), List.of(member("router7")))).isEqualTo("router1");
    assertThat(Aliases.of(pod(1, "admin"), List.of())).isEqualTo("router1");
  }

  /** A hello that is faster than the list of the pods may take a name, but not keep it. */
  @Test
  void namesOutliveTheLeaderWhateverComesFirst() {
    List<Pod> pods = List.of(pod(1, "router1"), pod(2, "router2"), pod(3, "router3"));
    for (List<Pod> listed : List.of(pods, pods.reversed())) {
      InSyncSet set = new InSyncSet(podId(3), epoch(1), Timings.STANDARD);
      set.onHello(new LinkId(2), hello(2, Snapshot.NONE), at(0));
      assertThat(set.members()).extracting(Member::alias).containsExactly("router1");
      set.onListed(listed, at(0));
      assertThat(set.members())
          .extracting(Member::alias)
          .containsExactly("router1", "router2", "router3");
    }
  }

  /**
   * Only a name that was given early, to somebody else, and that is ours, is taken from anybody.
   */
  @Test
  void nameIsReturnedByNobodyWhoHasARightToIt() {
    Member early = unseen("router2");
    assertThat(Aliases.usurper(pod(1, "router2"), List.of(early))).contains(early);
    assertThat(Aliases.usurper(pod(1, "router2"), List.of(member("router2")))).isEmpty();
    assertThat(Aliases.usurper(pod(9, "router2"), List.of(early))).isEmpty();
    assertThat(Aliases.usurper(pod(1, "router3"), List.of(early))).isEmpty();
    assertThat(Aliases.usurper(pod(1, "admin"), List.of(unseen("admin")))).isEmpty();
  }

  private static Member unseen(String alias) {
    return new Member(Pod.unseen(podId(9)), alias, at(0));
  }

  /**
   * What somebody writes on a pod later is not its name; nor is a lower one that has become free.
   */
  @Test
  void nameStaysOnceItIsGiven() {
    InSyncSet set = new InSyncSet(podId(9), epoch(1), Timings.STANDARD);
    set.onHello(new LinkId(2), hello(2, Snapshot.NONE), at(0));
    set.onHello(new LinkId(3), hello(3, Snapshot.NONE), at(0));
    set.onSeen(pod(2, "router5"), at(0));
    set.onSeen(pod(3, ""), at(0));
    Pod edited = pod(2, "router7");
    set.onSeen(SetDriver.with(edited, edited.process(), edited.phase()), at(0));
    assertThat(set.members()).extracting(Member::alias).containsExactly("router5", "router2");
  }
}
