package dev.lockstep.sim.invariant;

import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.ReplicaId;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Nobody takes the Lease from a holder that lives, unless that has let it expire or has given it
 * away; and it gives it only to a replica that serves what the Lease names, or named before its
 * last version (I13, rules P8, P9 and P13). A take-over too early is safe, but costs everybody a
 * new link.
 */
final class HolderIsRespected implements Invariant {

  /** Clocks of different rates: this much of a duration may be missing on another's clock. */
  private static final long TOLERANCE = 1000;

  private final Set<ReplicaId> ended = new LinkedHashSet<>();
  private Optional<Lease> last = Optional.empty();
  private long changedAt;
  private Version newest = Version.NONE;
  private Version former = Version.NONE;

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (fact instanceof Fact.Ended(var replica)) {
      ended.add(replica);
    } else if (fact instanceof Fact.LeaseEdited(var lease)) {
      changed(lease, mesh);
    } else if (fact instanceof Fact.LeaseCommitted(var lease)) {
      last.ifPresent(before -> judge(before, lease, mesh));
      changed(lease, mesh);
    }
  }

  private void changed(Lease lease, Mesh mesh) {
    last = Optional.of(lease);
    changedAt = mesh.now();
    if (lease.version().isAfter(newest)) {
      former = newest;
      newest = lease.version();
    }
  }

  private void judge(Lease before, Lease now, Mesh mesh) {
    Optional<ReplicaId> had = before.holder();
    Optional<ReplicaId> has = now.holder();
    if (had.isEmpty() || has.isEmpty() || has.equals(had) || !now.uid().equals(before.uid())) {
      return; // Nobody had it, nobody has it now, the same has it, or it is another Lease.
    }
    if (now.nonce().startsWith(had.get().boot() + "-")) {
      isUpToDate(has.get(), now, mesh);
    } else if (!ended.contains(had.get()) && !has.get().pod().equals(had.get().pod())) {
      isExpired(before, now, mesh);
    }
  }

  /** A version can be confirmed while the hand-over, decided before, waits for its turn. */
  private void isUpToDate(ReplicaId successor, Lease now, Mesh mesh) {
    mesh.served(successor)
        .filter(former::isAfter)
        .ifPresent(
            served -> {
              throw new Violation(this, now + " is handed to who serves " + served);
            });
  }

  private void isExpired(Lease before, Lease now, Mesh mesh) {
    Duration unchanged = Duration.ofNanos(mesh.now() - changedAt);
    Duration least = before.duration().minus(before.duration().dividedBy(TOLERANCE));
    if (unchanged.compareTo(least) < 0) {
      throw new Violation(this, now + " takes after " + unchanged + " what was " + before);
    }
  }
}
