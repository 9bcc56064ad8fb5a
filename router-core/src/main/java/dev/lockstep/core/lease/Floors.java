package dev.lockstep.core.lease;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Lease;

/**
 * The highest epoch and version that this replica has heard of anywhere: on the Lease, on pods, in
 * hellos, on its disk. New numbers lie above, so a Lease that was deleted, restored or edited by
 * hand never makes a number appear twice.
 *
 * <p>A Lease without numbers is a new lineage. Its resourceVersion stands in for them: it grows
 * with every write to the API server's store (KEP-5504), so it is above each number that was ever
 * counted up by one write each.
 *
 * @param epoch highest known
 * @param version highest known
 */
public record Floors(Epoch epoch, Version version) {

  /** Nothing heard yet. */
  public static final Floors NONE = new Floors(Epoch.NONE, Version.NONE);

  /** {@return floors that cover these numbers too} */
  public Floors raisedTo(Epoch otherEpoch, Version otherVersion) {
    return new Floors(Epoch.max(epoch, otherEpoch), Version.max(version, otherVersion));
  }

  /** {@return floors that cover what this Lease says, or implies by its age} */
  Floors raisedTo(Lease lease) {
    Epoch leaseEpoch =
        lease.epoch().equals(Epoch.NONE) ? new Epoch(lease.resourceVersion()) : lease.epoch();
    Version leaseVersion =
        lease.version().equals(Version.NONE)
            ? new Version(lease.resourceVersion())
            : lease.version();
    return raisedTo(leaseEpoch, leaseVersion);
  }
}
