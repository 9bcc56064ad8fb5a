package dev.lockstep.sim.invariant;

import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * No event loop ever serves an older version than before, and a restarted replica never serves less
 * than its pod has acked (I2, trap 4), as long as its disk is there.
 */
final class AppliedVersionNeverGoesBack implements Invariant {

  private record Loop(ReplicaId replica, int number) {}

  private final Map<Loop, Version> serving = new LinkedHashMap<>();
  private final Map<PodId, Version> acked = new LinkedHashMap<>();

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (fact instanceof Fact.LoopServes serves) {
      Version version = serves.snapshot().version();
      notBelow(serves, serving.put(new Loop(serves.replica(), serves.loop()), version), "served");
      notBelow(serves, acked.get(serves.pod()), "acked");
    } else if (fact instanceof Fact.Stepped step) {
      if (step.event() instanceof Event.Started(var held) && held.isEmpty()) {
        acked.remove(step.pod()); // Its disk is lost: it comes back like a new replica.
      }
      for (Effect effect : step.effects()) {
        if (effect instanceof Effect.Send(var link, Message.Ack ack)) {
          acked.merge(step.pod(), ack.version(), Version::max);
        }
      }
    }
  }

  private void notBelow(
      Fact.LoopServes serves, @org.jspecify.annotations.Nullable Version before, String what) {
    Version version = serves.snapshot().version();
    if (before != null && before.isAfter(version)) {
      throw new Violation(
          this, serves.replica() + " serves " + version + " after it " + what + " " + before);
    }
  }
}
