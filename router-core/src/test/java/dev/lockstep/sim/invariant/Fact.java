package dev.lockstep.sim.invariant;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.List;

/** Something that really happened, wherever it did. */
public sealed interface Fact {

  /** A process began. */
  record Booted(ReplicaId replica, PodId pod) implements Fact {}

  /** A process is no more, whichever way it ended. */
  record Ended(ReplicaId replica) implements Fact {}

  /**
   * A replica made a step.
   *
   * @param replica which run
   * @param pod of which pod
   * @param now its own monotonic time
   * @param event what it was told
   * @param effects what was executed of what it asked for: all, unless it crashed in between
   */
  record Stepped(ReplicaId replica, PodId pod, NanoTime now, Event event, List<Effect> effects)
      implements Fact {}

  /** A replica's write of the Lease was committed, whether or not anybody hears of it. */
  record LeaseCommitted(Lease lease) implements Fact {}

  /** Somebody with kubectl wrote the Lease. */
  record LeaseEdited(Lease lease) implements Fact {}

  /** A pod object changed in the API server. */
  record PodCommitted(Pod pod) implements Fact {}

  /** One event loop of a data plane serves another version from now on. */
  record LoopServes(ReplicaId replica, PodId pod, int loop, Snapshot snapshot) implements Fact {}
}
