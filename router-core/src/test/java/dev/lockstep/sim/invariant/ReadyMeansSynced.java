package dev.lockstep.sim.invariant;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Only a leader says that a pod is in sync, and only when the pod's process serves at least what
 * was current when it said hello to that leader (I10, design §7). Whom an answer names as having
 * applied a version serves it.
 */
final class ReadyMeansSynced implements Invariant {

  private record Joining(ReplicaId leader, PodId pod) {}

  private record Joined(ReplicaId follower, Version current) {}

  private final Map<Joining, Joined> joined = new LinkedHashMap<>();
  private final Map<Joining, Long> sent = new LinkedHashMap<>();
  private final Map<ReplicaId, Version> committed = new LinkedHashMap<>();
  private final Map<ReplicaId, Epoch> leading = new LinkedHashMap<>();

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (!(fact instanceof Fact.Stepped step)) {
      return;
    }
    if (step.event() instanceof Event.Received(var link, Message.Hello hello)) {
      Version current = committed.getOrDefault(step.replica(), Version.NONE);
      joined.put(new Joining(step.replica(), hello.pod()), new Joined(hello.replica(), current));
    }
    for (Effect effect : step.effects()) {
      onEffect(step.replica(), effect, mesh);
    }
  }

  private void onEffect(ReplicaId replica, Effect effect, Mesh mesh) {
    if (effect instanceof Effect.Announce(Effect.LeadershipWon won)) {
      leading.put(replica, won.epoch());
    } else if (effect instanceof Effect.Announce(Effect.LeadershipLost lost)) {
      leading.remove(replica);
    } else if (effect instanceof Effect.Announce(Effect.Committed now)) {
      committed.put(replica, now.version());
    } else if (effect instanceof Effect.WritePod write
        && write.condition() == Pod.Condition.IN_SYNC
        && !write.base().isInSync()) {
      onAdmission(replica, write, mesh);
    } else if (effect instanceof Effect.Reply(var question, Answer.Open open)) {
      open.applied().forEach(applied -> onApplied(replica, open, applied, mesh));
    }
  }

  private void onApplied(ReplicaId leader, Answer.Open open, Answer.Applied applied, Mesh mesh) {
    Joined member = joined.get(new Joining(leader, applied.pod()));
    if (member != null) {
      mesh.served(member.follower)
          .filter(open.version()::isAfter)
          .ifPresent(
              served -> {
                throw new Violation(
                    this, leader + " says " + open + ", and " + member + " serves " + served);
              });
    }
  }

  private void onAdmission(ReplicaId replica, Effect.WritePod write, Mesh mesh) {
    if (!leading.containsKey(replica)) {
      throw new Violation(this, replica + " leads nobody and admits " + write.base().id());
    }
    Joined member = joined.get(new Joining(replica, write.base().id()));
    Joining joining = new Joining(replica, write.base().id());
    long base = write.base().resourceVersion();
    boolean again = Objects.equals(sent.put(joining, base), base);
    if (member == null || again) {
      return; // The leader itself; or an attempt of unknown outcome, which is made once more.
    }
    // A process that has just died cannot be served by, and its successor counts from its hello.
    mesh.served(member.follower)
        .filter(member.current::isAfter)
        .ifPresent(
            served -> {
              throw new Violation(
                  this, member + " is admitted by " + replica + " while it serves " + served);
            });
  }
}
