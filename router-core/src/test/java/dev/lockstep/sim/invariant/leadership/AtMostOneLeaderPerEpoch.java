package dev.lockstep.sim.invariant.leadership;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.sim.invariant.Fact;
import dev.lockstep.sim.invariant.Invariant;
import dev.lockstep.sim.invariant.Mesh;
import dev.lockstep.sim.invariant.Violation;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * In one epoch at most one run of one replica leads: whoever says so, speaks to followers, holds
 * the Lease or stamps a pod in that epoch is the same one (I1, trap 6).
 */
public final class AtMostOneLeaderPerEpoch implements Invariant {

  private final Map<Epoch, ReplicaId> leaders = new LinkedHashMap<>();

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (fact instanceof Fact.Stepped step) {
      for (Effect effect : step.effects()) {
        onEffect(step.replica(), effect);
      }
    } else if (fact instanceof Fact.LeaseCommitted(var lease) && lease.holder().isPresent()) {
      leads(lease.holder().get(), lease.epoch(), lease);
    }
  }

  private void onEffect(ReplicaId replica, Effect effect) {
    if (effect instanceof Effect.Send(var link, Message.FromLeader message)) {
      leads(replica, message.epoch(), message);
    } else if (effect instanceof Effect.Announce(Effect.LeadershipWon won)) {
      leads(replica, won.epoch(), won);
    } else if (effect instanceof Effect.WritePod write) {
      leads(replica, write.stamp(), write);
    }
  }

  private void leads(ReplicaId replica, Epoch epoch, Object proof) {
    ReplicaId known = leaders.putIfAbsent(epoch, replica);
    if (known != null && !known.equals(replica)) {
      throw new Violation(
          this, "epoch " + epoch + " is led by " + known + ", and by " + replica + ": " + proof);
    }
  }
}
