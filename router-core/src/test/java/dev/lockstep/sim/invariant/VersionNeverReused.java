package dev.lockstep.sim.invariant;

import dev.lockstep.core.config.Version;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A version that a replica commits for the first time is greater than all that were ever committed,
 * even when somebody deleted the Lease or put an older one in its place (trap 6, F14, F15). Writing
 * a known version once more is a renewal; what it stands for is {@link SameVersionSameConfig}'s. A
 * number that somebody invented by hand is known too: a take-over leaves it as it found it.
 */
final class VersionNeverReused implements Invariant {

  private final Set<Version> known = new LinkedHashSet<>(Set.of(Version.NONE));
  private Version newest = Version.NONE;

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (fact instanceof Fact.LeaseEdited(var edited)) {
      known.add(edited.version());
    }
    if (fact instanceof Fact.LeaseCommitted(var lease) && known.add(lease.version())) {
      if (newest.isAfter(lease.version())) {
        throw new Violation(
            this, "version " + lease.version() + " is new on the Lease after " + newest);
      }
      newest = lease.version();
    }
  }
}
