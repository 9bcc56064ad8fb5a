package dev.lockstep.core.lease;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Lease;

/**
 * The highest epoch and version that this replica has heard of anywhere: on the Lease, on pods, in
 * messages, on its disk. New numbers lie above.
 *
 * <p>Those who knew the highest numbers may all be gone when somebody deletes the Lease or puts an
 * old one back. So a take-over counts from the resourceVersion of the Lease that it replaces, if
 * that is higher. Each number costs one write of the Lease, and each write moves the
 * resourceVersion (KEP-5504), so no number is above the resourceVersion of its write, and none that
 * a later leader counts up from there was ever used. That holds as long as nobody counts on from a
 * number that a hand has put there: {@link Lease#credible}.
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

  /** {@return an epoch that no leadership had before this Lease was written} */
  Epoch nextEpoch(Lease base) {
    return Epoch.max(epoch, new Epoch(base.resourceVersion())).next();
  }

  /** {@return floors that cover all versions that were committed before this Lease was written} */
  Floors above(Lease base) {
    return raisedTo(Epoch.NONE, new Version(base.resourceVersion()));
  }
}
