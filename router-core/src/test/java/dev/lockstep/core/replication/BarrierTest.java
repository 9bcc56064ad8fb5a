package dev.lockstep.core.replication;

import static dev.lockstep.core.sample.Samples.absent;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.object;
import static dev.lockstep.core.sample.Samples.present;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What questions come down to. */
final class BarrierTest {
  private static final Observation.State PRESENT = Observation.State.PRESENT;
  private static final Observation.State ABSENT = Observation.State.ABSENT;
  private static final Version COMMITTED = version(8);

  private static final Barrier.Target AT_COMMITTED = new Barrier.Target.At(COMMITTED);
  private static final Barrier.Target READING =
      new Barrier.Target.Later("the leader reads the object");

  private static Question.AtObject about(Observation.State state, long resourceVersion) {
    Optional<Long> asked = resourceVersion == 0 ? Optional.empty() : Optional.of(resourceVersion);
    return new Question.AtObject(object("web"), asked, state);
  }

  private static Barrier.Target target(
      Question.AtObject about, boolean observed, Provenance known) {
    Question question = new Question(1, about, at(1_000), 0);
    Barrier.Waiting waiting = new Barrier.Waiting(question, observed, Optional.empty());
    return Barrier.target(waiting, known, Optional.of(COMMITTED));
  }

  private static Provenance committed(Observation seen) {
    return Provenance.NONE.observe(seen).ride().commit(COMMITTED);
  }

  private static Barrier.Target unknown(String reason) {
    String text = "service/shop/web " + reason;
    return new Barrier.Target.Final(new Answer.Unknown(object("web"), text));
  }

  private static Observation judged(Observation.Verdict verdict) {
    return new Observation(object("web"), 50, PRESENT, verdict, "no such port");
  }

  /** Rules P41 to P44: asked, read since, known, answer. */
  @Test
  void questionsAboutAnObjectComeDownToThese() {
    record Case(
        String name,
        Question.AtObject asked,
        boolean read,
        Provenance known,
        Barrier.Target target) {}
    Provenance here = committed(present("web", 50));
    Provenance gone = committed(absent("web", 60));
    Provenance waiting = Provenance.NONE.observe(present("web", 50));
    Barrier.Target notCommitted = new Barrier.Target.Later("the change is not committed yet");
    Barrier.Target exists = new Barrier.Target.Later("the object still exists");
    Barrier.Target notOurs = unknown("is not one that this router serves");
    Barrier.Target older = unknown("is at resourceVersion 50, older than 51");
    List<Case> cases =
        List.of(
            // Presence at a resourceVersion: any observation that reaches it will do.
            new Case("reached", about(PRESENT, 50), false, here, AT_COMMITTED),
            new Case("passed", about(PRESENT, 49), false, here, AT_COMMITTED),
            new Case("not reached", about(PRESENT, 51), false, here, READING),
            new Case("not reached, read", about(PRESENT, 51), true, here, older),
            new Case("not committed", about(PRESENT, 50), false, waiting, notCommitted),
            new Case("never seen", about(PRESENT, 50), false, Provenance.NONE, READING),
            new Case("never seen, read", about(PRESENT, 50), true, Provenance.NONE, notOurs),
            new Case("deleted", about(PRESENT, 50), false, gone, READING),
            new Case("deleted, read", about(PRESENT, 50), true, gone, unknown("does not exist")),
            // Presence as it is now: only a read can tell what now is.
            new Case("now", about(PRESENT, 0), false, here, READING),
            new Case("now, read", about(PRESENT, 0), true, here, AT_COMMITTED),
            // Absence is a claim about what comes next.
            new Case("absent", about(ABSENT, 0), false, gone, READING),
            new Case("absent at", about(ABSENT, 60), false, gone, READING),
            new Case("absent at, not yet", about(ABSENT, 40), false, here, READING),
            new Case("absent, read", about(ABSENT, 0), true, gone, AT_COMMITTED),
            new Case("absent at, read", about(ABSENT, 60), true, gone, AT_COMMITTED),
            new Case("not absent, read", about(ABSENT, 0), true, here, exists),
            new Case("absent, never seen", about(ABSENT, 0), false, Provenance.NONE, READING));
    for (Case row : cases) {
      assertThat(target(row.asked(), row.read(), row.known()))
          .as(row.name())
          .isEqualTo(row.target());
    }
  }

  /** Rule P44. */
  @Test
  void whatCannotBeServedIsAnsweredAtOnce() {
    Provenance bad = committed(judged(Observation.Verdict.QUARANTINED));
    assertThat(target(about(PRESENT, 50), false, bad))
        .isEqualTo(new Barrier.Target.Final(new Answer.Rejected(object("web"), "no such port")));
    Provenance ignored = committed(judged(Observation.Verdict.IGNORED));
    assertThat(target(about(PRESENT, 50), false, ignored))
        .isEqualTo(unknown("is not routed: no such port"));
  }

  @Test
  void questionAboutTheCurrentVersionWaitsForTheSources() {
    Question question = new Question(1, new Question.AtCurrent(), at(0), 0);
    Barrier.Waiting waiting = new Barrier.Waiting(question, false, Optional.empty());
    assertThat(Barrier.target(waiting, Provenance.NONE, Optional.empty()))
        .isEqualTo(new Barrier.Target.Later("the leader has not read all sources yet"));
    assertThat(Barrier.target(waiting, Provenance.NONE, Optional.of(COMMITTED)))
        .isEqualTo(AT_COMMITTED);
  }

  /** Rule P45. */
  @Test
  void settledQuestionKeepsItsVersion() {
    Question question = new Question(1, new Question.AtCurrent(), at(0), 0);
    Barrier barrier = Barrier.CLOSED.ask(question);
    barrier = barrier.settle(barrier.find(1).orElseThrow(), version(3));
    assertThat(
            Barrier.target(barrier.find(1).orElseThrow(), Provenance.NONE, Optional.of(COMMITTED)))
        .isEqualTo(new Barrier.Target.At(version(3)));
  }

  /** Rule P45: who counts anew has not told the version to anybody who could be asked for it. */
  @Test
  void questionThatIsLiftedWaitsForTheNextVersion() {
    Barrier barrier =
        Barrier.CLOSED
            .ask(new Question(1, new Question.AtCurrent(), at(0), 0))
            .ask(new Question(2, about(PRESENT, 50), at(0), 0))
            .observed(2);
    barrier = barrier.settle(barrier.find(1).orElseThrow(), version(3)).lift();
    assertThat(barrier.questions()).extracting(Barrier.Waiting::version).containsOnly(none());
    assertThat(barrier.find(2).orElseThrow().observed()).isTrue();
  }

  private static Optional<Version> none() {
    return Optional.empty();
  }

  /** Rule P39. */
  @Test
  void openVersionNeverFalls() {
    Barrier open = Barrier.CLOSED.raise(version(5));
    assertThat(open.raise(version(4)).open()).isEqualTo(version(5));
    assertThat(open.raise(version(6)).open()).isEqualTo(version(6));
  }

  @Test
  void forgottenQuestionIsNoDeadline() {
    Barrier barrier = Barrier.CLOSED.ask(new Question(1, new Question.AtCurrent(), at(9), 0));
    assertThat(barrier.nextDeadline()).isEqualTo(at(9));
    assertThat(barrier.forget(1).questions()).isEmpty();
    assertThat(barrier.forget(2)).isEqualTo(barrier);
  }
}
