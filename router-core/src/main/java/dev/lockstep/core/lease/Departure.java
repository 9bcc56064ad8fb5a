package dev.lockstep.core.lease;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.Optional;

/**
 * The wish of a leader to lead no longer.
 *
 * @param successor to whom the Lease is given; absent if it is given back
 * @param address where the successor is reached
 */
record Departure(Optional<ReplicaId> successor, Optional<Address> address) {

  /** {@return the Lease after the departure; a successor gets this epoch} */
  Lease leave(Lease base, Epoch epoch) {
    return successor.isEmpty() || address.isEmpty()
        ? base.released()
        : base.heldBy(successor.get(), address.get(), epoch);
  }
}
