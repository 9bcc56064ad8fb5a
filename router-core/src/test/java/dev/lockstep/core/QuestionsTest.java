package dev.lockstep.core;

import static dev.lockstep.core.ReplicaDriver.only;
import static dev.lockstep.core.sample.Samples.absent;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.config;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.lease;
import static dev.lockstep.core.sample.Samples.object;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.present;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.Question;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What callers get to hear. */
final class QuestionsTest {
  private static final Pod.Condition IN = Pod.Condition.IN_SYNC;
  private static final Pod.Condition OUT = Pod.Condition.NOT_IN_SYNC;

  private final ReplicaDriver driver = new ReplicaDriver();

  private List<Effect> ask(long id, Question.About about, int minReplicas) {
    return driver.step(
        new Event.Asked(new Question(id, about, at(driver.now + 3_000), minReplicas)));
  }

  private Answer answer(long id) {
    return only(Effect.Reply.class, driver.all).stream()
        .filter(reply -> reply.question() == id)
        .map(Effect.Reply::answer)
        .findFirst()
        .orElseThrow();
  }

  private boolean isAnswered(long id) {
    return only(Effect.Reply.class, driver.all).stream().anyMatch(r -> r.question() == id);
  }

  private static Question.About gone() {
    return new Question.AtObject(object("web"), Optional.empty(), Observation.State.ABSENT);
  }

  private static Answer.Applied applied(int number, Version version) {
    return new Answer.Applied("router" + number, podId(number), version);
  }

  /** Rule P40. */
  @Test
  void whoDoesNotLeadCannotTell() {
    driver.step(new Event.Started(Optional.empty()));
    assertThat(ask(1, new Question.AtCurrent(), 0))
        .contains(new Effect.Reply(1, new Answer.Undecidable("this replica does not lead")));
  }

  /** Rules P39 and P45. */
  @Test
  void openNamesWhoAppliedAndWhoWasLeftOut() {
    driver.leadWith(pod(2, 2, OUT, 0), pod(3, 3, OUT, 0));
    Lease bound = driver.serve("a");
    driver.step(new Event.PodWritten(pod(2, 4, OUT, 101)));
    driver.step(new Event.PodWritten(pod(3, 5, OUT, 101)));
    ask(1, new Question.AtVersion(bound.version()), 0);
    assertThat(answer(1))
        .isEqualTo(
            new Answer.Open(
                bound.version(),
                epoch(101),
                List.of(applied(1, bound.version())),
                List.of(
                    new Answer.Excluded(
                        "router2", podId(2), Version.NONE, "has not connected to this leader"),
                    new Answer.Excluded(
                        "router3", podId(3), Version.NONE, "has not connected to this leader"))));
  }

  /** Rule P39. */
  @Test
  void oneMemberThatIsBehindKeepsItClosed() {
    driver.leadWith(pod(2, 2, IN, 4), pod(3, 3, IN, 4));
    Lease bound = driver.serve("a");
    driver.join(2, Snapshot.NONE);
    driver.join(3, Snapshot.NONE);
    ask(1, new Question.AtCurrent(), 0);
    driver.ack(2, driver.served());
    assertThat(isAnswered(1)).isFalse();
    driver.ack(3, driver.served());
    assertThat(answer(1)).isInstanceOf(Answer.Open.class);
    assertThat(driver.replica.view().leadership().orElseThrow().open()).isEqualTo(bound.version());
  }

  /** Rule P45. */
  @Test
  void lateNamesWhoIsWaitedForAndWhy() {
    driver.leadWith(pod(2, 2, IN, 4));
    Lease bound = driver.serve("a");
    ask(1, new Question.AtCurrent(), 0);
    driver.passTo(driver.now + 3_000);
    assertThat(answer(1))
        .isEqualTo(
            new Answer.Late(
                Optional.of(bound.version()),
                List.of(
                    new Answer.Pending(
                        "router2", podId(2), Version.NONE, "has not connected to this leader")),
                ""));
  }

  /** Rule P45. */
  @Test
  void tooFewReplicasAreNotEnough() {
    driver.leadWith();
    driver.serve("a");
    ask(1, new Question.AtCurrent(), 2);
    assertThat(isAnswered(1)).isFalse();
    driver.passTo(driver.now + 3_000);
    assertThat(((Answer.Late) answer(1)).reason()).isEqualTo("2 replicas were asked for");
  }

  /** Rule P45: a later version does not move the goal. */
  @Test
  void questionKeepsTheVersionThatWasCurrentWhenItCame() {
    driver.leadWith(pod(2, 2, IN, 4));
    driver.serve("a");
    driver.join(2, Snapshot.NONE);
    Snapshot first = driver.served();
    ask(1, new Question.AtCurrent(), 0);
    driver.serve("b");
    driver.ack(2, first);
    assertThat(((Answer.Open) answer(1)).version()).isEqualTo(first.version());
  }

  /** Rule P41: the watch lags, the object is being created, and nobody has seen it yet. */
  @Test
  void absenceIsToldOnlyFromAReadThatIsYoungerThanTheQuestion() {
    driver.leadWith();
    Lease lease = driver.serve("a", absent("web", 40));
    assertThat(ask(1, gone(), 0)).containsExactly(new Effect.ReadObject(1, object("web")));
    assertThat(isAnswered(1)).isFalse();
    observe(1, 60, lease);
    assertThat(answer(1)).isInstanceOf(Answer.Open.class);
    driver.step(observed("a", present("web", 50)));
    assertThat(isAnswered(2)).isFalse();
    ask(2, gone(), 0);
    observe(2, 70, lease);
    assertThat(answer(2)).as("the late ADD was from before").isInstanceOf(Answer.Open.class);
  }

  /** Rule P43: a successor may have committed from an older sight before the read. */
  private void observe(long question, long resourceVersion, Lease lease) {
    Event read = new Event.ObjectObserved(question, absent("web", resourceVersion));
    assertThat(driver.step(read)).containsExactly(new Effect.ReadLease());
    assertThat(isAnswered(question)).isFalse();
    driver.step(new Event.LeaseRead(lease));
  }

  /** Rule P43: who does not lead any more cannot tell. */
  @Test
  void nothingIsToldOfAnObjectByALeaderThatIsNoneAnyMore() {
    driver.leadWith();
    Lease lease = driver.serve("a", absent("web", 40));
    ask(1, gone(), 0);
    driver.step(new Event.ObjectObserved(1, absent("web", 60)));
    Lease others = lease(lease.resourceVersion() + 5, 2, lease.epoch().value() + 1);
    driver.step(new Event.LeaseRead(others));
    assertThat(answer(1)).isInstanceOf(Answer.Undecidable.class);
  }

  /** Rule P41. */
  @Test
  void objectThatIsStillThereIsNotAbsent() {
    driver.leadWith();
    driver.serve("a", present("web", 40));
    ask(1, gone(), 0);
    driver.step(new Event.ObjectObserved(1, present("web", 40)));
    driver.passTo(driver.now + 3_000);
    assertThat(answer(1)).isEqualTo(new Answer.StillPresent(object("web"), 40));
  }

  /** Rules P41 and P43: gone from the API, and served until the next version is everywhere. */
  @Test
  void absenceWaitsForTheVersionWithoutTheObject() {
    driver.leadWith(pod(2, 2, IN, 4));
    driver.serve("a", present("web", 40));
    driver.join(2, Snapshot.NONE);
    driver.ack(2, driver.served());
    driver.step(observed("b", absent("web", 60)));
    ask(1, gone(), 0);
    driver.step(new Event.ObjectObserved(1, absent("web", 60)));
    assertThat(isAnswered(1)).isFalse();
    Lease bound = driver.commit(config("b"));
    driver.step(new Event.Installed(bound.version()));
    assertThat(isAnswered(1)).as("router2 serves it still").isFalse();
    driver.ack(2, driver.served());
    assertThat(((Answer.Open) answer(1)).version()).isEqualTo(bound.version());
  }

  /** Rule P41: a read for an earlier leadership is not in the sources of this one. */
  @Test
  void readThatNobodyWaitsForIsNotCounted() {
    driver.leadWith();
    driver.serve("a");
    driver.step(new Event.ObjectObserved(9, present("web", 60)));
    Question.About there =
        new Question.AtObject(object("web"), Optional.of(60L), Observation.State.PRESENT);
    assertThat(ask(1, there, 0)).containsExactly(new Effect.ReadObject(1, object("web")));
  }

  @Test
  void failedReadIsRepeatedAfterAPause() {
    driver.leadWith();
    driver.serve("a");
    ask(1, gone(), 0);
    assertThat(driver.step(new Event.ObjectReadFailed(1, "time-out"))).isEmpty();
    assertThat(driver.passTo(driver.now + 260)).contains(new Effect.ReadObject(1, object("web")));
  }

  @Test
  void cancelledQuestionGetsNoAnswer() {
    driver.leadWith(pod(2, 2, IN, 4));
    driver.serve("a");
    ask(1, new Question.AtCurrent(), 0);
    driver.step(new Event.Cancelled(1));
    driver.passTo(driver.now + 3_500);
    assertThat(isAnswered(1)).isFalse();
  }

  /** Rule P46. */
  @Test
  void endOfTheLeadershipAnswersEverybody() {
    driver.leadWith(pod(2, 2, IN, 4));
    driver.serve("a");
    ask(1, new Question.AtCurrent(), 0);
    driver.step(new Event.PodSeen(pod(2, 3, OUT, 999)));
    assertThat(answer(1)).isEqualTo(new Answer.Undecidable("the leader has changed"));
  }

  /** Rule P40. */
  @Test
  void podWithoutTheGateIsNamed() {
    Pod in = pod(2, 2, OUT, 0);
    Pod gateless =
        new Pod(
            in.id(),
            2,
            OUT,
            in.stamp(),
            in.version(),
            "",
            in.process(),
            in.phase(),
            Pod.Gate.MISSING,
            "node");
    driver.leadWith(gateless);
    driver.serve("a");
    ask(1, new Question.AtCurrent(), 0);
    assertThat(((Answer.Undecidable) answer(1)).reason())
        .isEqualTo("pod router-2 has no readiness gate lockstep.dev/in-sync");
    assertThat(driver.replica.view().leadership().orElseThrow().open()).isEqualTo(Version.NONE);
  }

  private Event observed(String name, Observation... seen) {
    return new Event.SourcesObserved(driver.epochNow(), config(name), List.of(seen));
  }
}
