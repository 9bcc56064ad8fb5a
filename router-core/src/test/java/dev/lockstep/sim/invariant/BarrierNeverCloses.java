package dev.lockstep.sim.invariant;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Once open, always open: what one leadership has announced as open it never again calls late, and
 * it announces each version once, in rising order (design §1, §7).
 */
final class BarrierNeverCloses implements Invariant {

  private record Leadership(ReplicaId replica, Epoch epoch) {}

  private record Asked(ReplicaId replica, long question) {}

  private final Map<Leadership, Version> opened = new LinkedHashMap<>();
  private final Map<ReplicaId, Leadership> leading = new LinkedHashMap<>();
  private final Map<Asked, Question> questions = new LinkedHashMap<>();

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (!(fact instanceof Fact.Stepped step)) {
      return;
    }
    if (step.event() instanceof Event.Asked(var question)) {
      questions.put(new Asked(step.replica(), question.id()), question);
    }
    for (Effect effect : step.effects()) {
      onEffect(step.replica(), effect);
    }
  }

  private void onEffect(ReplicaId replica, Effect effect) {
    if (effect instanceof Effect.Announce(Effect.LeadershipWon won)) {
      leading.put(replica, new Leadership(replica, won.epoch()));
    } else if (effect instanceof Effect.Announce(Effect.LeadershipLost lost)) {
      leading.remove(replica);
    } else if (effect instanceof Effect.Announce(Effect.BarrierOpened now)) {
      Version before = opened.put(new Leadership(replica, now.epoch()), now.version());
      if (before != null && before.isAtLeast(now.version())) {
        throw new Violation(this, replica + " opens " + now.version() + " after " + before);
      }
    } else if (effect instanceof Effect.Reply(var id, Answer.Late late)) {
      Question question = questions.get(new Asked(replica, id));
      if (question != null && question.minReplicas() <= 1) {
        onLate(replica, late);
      }
    }
  }

  private void onLate(ReplicaId replica, Answer.Late late) {
    Leadership leadership = leading.get(replica);
    Version open = leadership == null ? null : opened.get(leadership);
    if (open != null && late.version().isPresent() && open.isAtLeast(late.version().get())) {
      throw new Violation(this, replica + " has opened " + open + " and answers " + late);
    }
  }
}
