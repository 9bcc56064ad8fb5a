package dev.lockstep.sim.invariant.leadership;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.sim.invariant.Fact;
import dev.lockstep.sim.invariant.Invariant;
import dev.lockstep.sim.invariant.Mesh;
import dev.lockstep.sim.invariant.Violation;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The epochs of one run only grow, and so do the stamps on a pod (design §4, trap 3): a leader of a
 * lower epoch never overwrites what a higher one wrote to a pod.
 */
public final class EpochNeverGoesBack implements Invariant {

  private final Map<ReplicaId, Epoch> spoken = new LinkedHashMap<>();
  private final Map<PodId, Epoch> stamps = new LinkedHashMap<>();

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (fact instanceof Fact.Stepped step) {
      for (Effect effect : step.effects()) {
        onEffect(step.replica(), effect);
      }
    } else if (fact instanceof Fact.PodCommitted(Pod pod)) {
      Epoch before = stamps.put(pod.id(), pod.stamp());
      if (before != null && before.isAfter(pod.stamp())) {
        throw new Violation(
            this, "stamp of " + pod.id() + " falls from " + before + " to " + pod.stamp());
      }
    }
  }

  private void onEffect(ReplicaId replica, Effect effect) {
    if (effect instanceof Effect.Send(var link, Message.FromLeader message)
        && !(message instanceof Message.Moved)) {
      speaks(replica, message.epoch());
    } else if (effect instanceof Effect.Announce(Effect.LeadershipWon won)) {
      speaks(replica, won.epoch());
    }
  }

  private void speaks(ReplicaId replica, Epoch epoch) {
    Epoch before = spoken.put(replica, epoch);
    if (before != null && before.isAfter(epoch)) {
      throw new Violation(this, replica + " speaks in epoch " + epoch + " after " + before);
    }
  }
}
