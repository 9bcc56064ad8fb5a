package dev.lockstep.sim.invariant;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * A replica that takes requests goes on to do so until its process ends: whatever happens to the
 * leader, the API server, the Lease or the network costs no request (I9, rules P48 and P49). The
 * one exception is a pause of its own, after which it does not know what it missed.
 */
final class ServingGoesOn implements Invariant {

  private final Set<ReplicaId> serving = new LinkedHashSet<>();
  private final Map<ReplicaId, NanoTime> steppedAt = new LinkedHashMap<>();

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (fact instanceof Fact.Ended(var replica)) {
      serving.remove(replica);
      steppedAt.remove(replica);
    } else if (fact instanceof Fact.Stepped step) {
      NanoTime before = steppedAt.getOrDefault(step.replica(), step.now());
      steppedAt.put(step.replica(), step.now());
      boolean paused =
          step.event() instanceof Event.LoopPaused
              || step.now().isAtOrAfter(before.plus(mesh.timings().fenceTime()));
      step.effects().forEach(effect -> onEffect(step, effect, paused));
    }
  }

  private void onEffect(Fact.Stepped step, Effect effect, boolean paused) {
    if (!(effect instanceof Effect.Admit(var admission))) {
      return;
    }
    switch (admission) {
      case ACCEPT -> serving.add(step.replica());
      case REFUSE -> {
        if (serving.remove(step.replica()) && !paused) {
          throw new Violation(this, step.replica() + " refuses requests after " + step.event());
        }
      }
    }
  }
}
