package dev.lockstep.core;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.lease.Election;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.replication.Following;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Decides whether what this replica holds may be served after a start or a pause: what it missed
 * may be older than what somebody was told is open everywhere.
 *
 * <p>It opens when one of four things is known, all of them learned since it was closed: this
 * replica leads, and serves what its leadership vouches for and the Lease names; a leader counts it
 * and it is in step; the Lease names the very version that it serves and its own pod is in sync; or
 * nobody can be reached and the drain time has passed, so that no endpoint of a fenced pod is left.
 *
 * @param admission as the data plane was told last
 * @param since when it was closed last
 * @param ownPod this replica's pod as read since then
 */
record Gatekeeper(Effect.Admission admission, NanoTime since, Optional<Pod> ownPod) {

  /** Closed, as the data plane is when it has just been bound. */
  static final Gatekeeper CLOSED =
      new Gatekeeper(Effect.Admission.REFUSE, new NanoTime(0), Optional.empty());

  boolean isOpen() {
    return admission == Effect.Admission.ACCEPT;
  }

  ReplicaView.Readiness readiness() {
    return isOpen() ? ReplicaView.Readiness.READY : ReplicaView.Readiness.SYNCING;
  }

  /** Closes, if it is open, and forgets what was learned before. */
  Gatekeeper close(NanoTime now, List<Effect> out) {
    if (isOpen()) {
      out.add(new Effect.Admit(Effect.Admission.REFUSE));
    }
    return new Gatekeeper(Effect.Admission.REFUSE, now, Optional.empty());
  }

  Gatekeeper onOwnPod(Pod pod) {
    return new Gatekeeper(admission, since, Optional.of(pod));
  }

  /** What a replica knows when it asks to be let in. */
  record Knowledge(
      Snapshot served,
      Election election,
      Following following,
      Duration drainTime,
      boolean vouched) {

    boolean leaseNamesServed() {
      Optional<Lease> lease = election.lease();
      return lease.isPresent() && lease.get().names(served.version(), served.digest());
    }
  }

  /** Opens, if it may. */
  Gatekeeper advance(Knowledge known, NanoTime now, List<Effect> out) {
    boolean hasConfig = known.served().version().isAfter(Version.NONE);
    if (isOpen() || !hasConfig || !isProven(known, now)) {
      return this;
    }
    out.add(new Effect.Admit(Effect.Admission.ACCEPT));
    return new Gatekeeper(Effect.Admission.ACCEPT, since, ownPod);
  }

  private boolean isProven(Knowledge known, NanoTime now) {
    Election election = known.election();
    boolean named = known.leaseNamesServed();
    if (election.isLeading()) {
      return named && known.vouched() && election.confirmedAt().isAtOrAfter(since);
    }
    if (known.following().isInStep(known.served().version())) {
      return true;
    }
    boolean leaseIsFresh = election.readSentAt().isAtOrAfter(since);
    if (named && leaseIsFresh && ownPod.map(Pod::isInSync).orElse(false)) {
      return true;
    }
    return !known.following().isWelcomed() && now.isAtOrAfter(since.plus(known.drainTime()));
  }

  /** {@return when it may open by time alone; never once that time has passed in vain} */
  NanoTime nextDeadline(Duration drainTime, NanoTime now) {
    NanoTime alone = since.plus(drainTime);
    return isOpen() || now.isAtOrAfter(alone) ? NanoTime.NEVER : alone;
  }
}
