package dev.lockstep.sim.invariant.leadership;

import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.sim.invariant.Fact;
import dev.lockstep.sim.invariant.Invariant;
import dev.lockstep.sim.invariant.Mesh;
import dev.lockstep.sim.invariant.Violation;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Nobody takes the Lease from a holder that lives, unless that has let it expire or has given it
 * away; nor does the holder give up what it has written itself (rules P3 and P4); and a leader that
 * has committed gives it only to a replica that serves its newest version, or the one before (I13,
 * rules P8, P9 and P13). A take-over too early is safe, but costs everybody a new link. Once
 * somebody with kubectl has edited the Lease, nothing can be said: it may name one replica and the
 * address of another.
 */
public final class HolderIsRespected implements Invariant {

  /** Clocks of different rates: this much of a duration may be missing on another's clock. */
  private static final long TOLERANCE = 40;

  private final Set<ReplicaId> ended = new LinkedHashSet<>();
  private final Map<String, Long> sentAt = new LinkedHashMap<>();
  private Optional<Lease> last = Optional.empty();
  private long writtenAt;
  private boolean edited;
  private Version newest = Version.NONE;
  private Version former = Version.NONE;
  private String formerBy = "";
  private String newestBy = "";

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (fact instanceof Fact.Ended(var replica)) {
      ended.add(replica);
    } else if (fact instanceof Fact.LeaseEdited) {
      edited = true;
    } else if (fact instanceof Fact.Stepped step && !edited) {
      step.effects().forEach(effect -> stays(step, effect, mesh));
    } else if (fact instanceof Fact.LeaseCommitted(var lease)) {
      last.filter(before -> !edited && before.uid().equals(lease.uid()))
          .ifPresent(before -> judge(before, lease, mesh));
      written(lease, mesh);
    }
  }

  /**
   * A write that is found when it has expired may have been put back by hand: it proves nothing.
   */
  private void stays(Fact.Stepped step, Effect effect, Mesh mesh) {
    if (effect instanceof Effect.WriteLease(var written)) {
      sentAt.putIfAbsent(written.nonce(), mesh.now());
    }
    if (step.event() instanceof Event.LeaseRead(var lease)
        && effect instanceof Effect.Announce(Effect.LeadershipLost lost)
        && lease.isHeldBy(step.replica())
        && lease.epoch().equals(lost.epoch())
        && writer(lease).equals(step.replica().boot())
        && stands(lease, sentAt.getOrDefault(lease.nonce(), 0L), mesh)) {
      throw new Violation(this, step.replica() + " stands down, and wrote itself " + lease);
    }
  }

  private void written(Lease lease, Mesh mesh) {
    last = Optional.of(lease);
    writtenAt = mesh.now();
    if (lease.version().isAfter(newest)) {
      former = newest;
      newest = lease.version();
      formerBy = newestBy;
      newestBy = leadership(lease);
    }
  }

  private void judge(Lease before, Lease now, Mesh mesh) {
    Optional<ReplicaId> had = before.holder();
    Optional<ReplicaId> has = now.holder();
    if (had.isEmpty() || has.isEmpty() || has.equals(had)) {
      return;
    }
    if (writer(now).equals(had.get().boot())) {
      isUpToDate(has.get(), leadership(before), now, mesh);
    } else if (!ended.contains(had.get()) && !has.get().pod().equals(had.get().pod())) {
      isExpired(before, now, mesh);
    }
  }

  private static String leadership(Lease lease) {
    return writer(lease) + " in " + lease.epoch();
  }

  private static String writer(Lease lease) {
    return lease.nonce().substring(0, lease.nonce().lastIndexOf('-'));
  }

  /**
   * A version can be confirmed while the hand-over, decided before, waits for its turn; and who has
   * committed nothing yet cannot tell who is up to date.
   */
  private void isUpToDate(ReplicaId successor, String giver, Lease now, Mesh mesh) {
    mesh.served(successor)
        .filter(served -> former.isAfter(served) && formerBy.equals(giver))
        .ifPresent(
            served -> {
              throw new Violation(this, now + " is handed to who serves " + served);
            });
  }

  private void isExpired(Lease before, Lease now, Mesh mesh) {
    if (stands(before, writtenAt, mesh)) {
      Duration unchanged = Duration.ofNanos(mesh.now() - writtenAt);
      throw new Violation(this, now + " takes after " + unchanged + " what was " + before);
    }
  }

  private static boolean stands(Lease lease, long since, Mesh mesh) {
    Duration least = lease.duration().minus(lease.duration().dividedBy(TOLERANCE));
    return Duration.ofNanos(mesh.now() - since).compareTo(least) < 0;
  }
}
