package dev.lockstep.sim.invariant;

import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Every question gets exactly one answer, at its deadline at the latest; an answer "open" counts at
 * least as many replicas as were asked for, and none of them below the version (design §7, §8).
 */
final class QuestionsAreAnswered implements Invariant {

  private final Map<ReplicaId, Map<Long, Question>> waiting = new LinkedHashMap<>();
  private final Map<ReplicaId, Question> late = new LinkedHashMap<>();

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (fact instanceof Fact.Ended(var replica)) {
      waiting.remove(replica);
      late.remove(replica);
    } else if (fact instanceof Fact.Stepped step) {
      onStep(step, waiting.computeIfAbsent(step.replica(), r -> new LinkedHashMap<>()));
    }
  }

  private void onStep(Fact.Stepped step, Map<Long, Question> open) {
    if (step.event() instanceof Event.Asked(var question)) {
      open.put(question.id(), question);
    } else if (step.event() instanceof Event.Cancelled(var question)) {
      open.remove(question);
    }
    for (Effect effect : step.effects()) {
      if (effect instanceof Effect.Reply(var id, var answer)) {
        onReply(step.replica(), open.remove(id), answer);
      }
    }
    Question before = late.remove(step.replica());
    if (before != null && open.containsKey(before.id())) {
      throw new Violation(this, step.replica() + " leaves unanswered: " + before);
    }
    // Only TimePassed: at any other event, the machine may be told of the deadline right after.
    // And judged at the next step, because a crash may have cut this one short.
    if (step.event() instanceof Event.TimePassed && !open.isEmpty()) {
      open.values().stream()
          .filter(question -> question.deadline().isBefore(step.now()))
          .findFirst()
          .ifPresent(question -> late.put(step.replica(), question));
    }
  }

  private void onReply(
      ReplicaId replica, @org.jspecify.annotations.Nullable Question question, Answer answer) {
    if (question == null) {
      throw new Violation(this, replica + " answers what nobody waits for: " + answer);
    }
    if (answer instanceof Answer.Open open) {
      boolean below = open.applied().stream().anyMatch(a -> open.version().isAfter(a.version()));
      if (below || open.applied().size() < Math.max(1, question.minReplicas())) {
        throw new Violation(this, replica + " answers " + question + " with " + open);
      }
    }
  }
}
