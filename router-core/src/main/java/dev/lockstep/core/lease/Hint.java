package dev.lockstep.core.lease;

import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.NanoTime;

/**
 * What the leader said of its last confirmed write: the expiry of that write counts from here,
 * though the Lease is read much later.
 *
 * @param resourceVersion that the write left; 0 before the first hint
 * @param at when it was first heard of
 */
record Hint(long resourceVersion, NanoTime at) {

  /** Nothing heard. */
  static final Hint NONE = new Hint(0, NanoTime.NEVER);

  Hint hear(long newer, NanoTime now) {
    return newer > resourceVersion ? new Hint(newer, now) : this;
  }

  /** {@return since when this very Lease is known, if it is read now} */
  NanoTime since(Lease seen, NanoTime now) {
    return seen.resourceVersion() == resourceVersion ? at : now;
  }
}
