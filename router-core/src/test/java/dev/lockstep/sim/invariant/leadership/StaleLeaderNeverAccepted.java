package dev.lockstep.sim.invariant.leadership;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.sim.invariant.Fact;
import dev.lockstep.sim.invariant.Invariant;
import dev.lockstep.sim.invariant.Mesh;
import dev.lockstep.sim.invariant.Violation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A replica that has applied or acked something of one epoch, or led it, applies nothing that a
 * leader of a lower epoch sends (I1, design §6).
 */
public final class StaleLeaderNeverAccepted implements Invariant {

  private final Map<ReplicaId, Epoch> accepted = new LinkedHashMap<>();

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (!(fact instanceof Fact.Stepped step)) {
      return;
    }
    Epoch known = accepted.getOrDefault(step.replica(), Epoch.NONE);
    if (step.event() instanceof Event.Received(var link, Message.FromLeader message)) {
      boolean takes = takes(step.effects());
      if (takes && known.isAfter(message.epoch())) {
        throw new Violation(
            this, step.replica() + " is in epoch " + known + " and takes " + message);
      }
      known = takes ? Epoch.max(known, message.epoch()) : known;
    }
    for (Effect effect : step.effects()) {
      if (effect instanceof Effect.Announce(Effect.LeadershipWon won)) {
        known = Epoch.max(known, won.epoch());
      }
    }
    accepted.put(step.replica(), known);
  }

  private static boolean takes(List<Effect> effects) {
    for (Effect effect : effects) {
      if (accepts(effect)) {
        return true;
      }
    }
    return false;
  }

  private static boolean accepts(Effect effect) {
    return effect instanceof Effect.Install
        || effect instanceof Effect.FetchSnapshot
        || (effect instanceof Effect.Send send && send.message() instanceof Message.Ack);
  }
}
