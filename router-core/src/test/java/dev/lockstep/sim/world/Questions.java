package dev.lockstep.sim.world;

import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.sim.engine.Mark;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Callers: they ask a replica and keep what they are told. */
public final class Questions {

  private final World world;
  private final Map<Long, Question> asked = new LinkedHashMap<>();
  private final Map<Long, Answer> answers = new LinkedHashMap<>();
  private long ids;

  Questions(World world) {
    this.world = world;
  }

  /** Asks this process; {@return the number of the question} */
  public long ask(SimShell replica, Question.About about, Duration timeout, int minReplicas) {
    Question question = new Question(++ids, about, replica.now().plus(timeout), minReplicas);
    asked.put(question.id(), question);
    replica.deliver(new Event.Asked(question));
    return question.id();
  }

  /** The caller goes away. */
  public void cancel(SimShell replica, long question) {
    if (!answers.containsKey(question)) {
      replica.deliver(new Event.Cancelled(question));
    }
  }

  /** {@return what the caller was told, if it was told something} */
  public Optional<Answer> answer(long question) {
    return Optional.ofNullable(answers.get(question));
  }

  void answered(long id, Answer answer) {
    answers.put(id, answer);
    Question question = asked.get(id);
    world.mark(
        switch (answer) {
          case Answer.Open open -> openMark(question);
          case Answer.Late late -> Mark.ANSWER_LATE;
          case Answer.Rejected rejected -> Mark.ANSWER_REJECTED;
          case Answer.Unknown unknown -> Mark.ANSWER_UNKNOWN;
          case Answer.StillPresent present -> Mark.ANSWER_STILL_PRESENT;
          case Answer.Undecidable undecidable -> Mark.ANSWER_UNDECIDABLE;
        });
  }

  private static Mark openMark(@org.jspecify.annotations.Nullable Question question) {
    if (question != null && question.about() instanceof Question.AtObject about) {
      return about.state() == Observation.State.ABSENT
          ? Mark.ANSWER_ABSENT_OPEN
          : Mark.ANSWER_PRESENT_OPEN;
    }
    return Mark.ANSWER_OPEN;
  }
}
