package dev.lockstep.core.lease;

import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Timings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a candidate tries: ranked, so that many of them do not stampede. An early try is safe,
 * because the compare-and-swap fences; it is only impolite.
 *
 * @param self who tries
 * @param timings rank step and poll period
 * @param ranking most suitable first, as the last leader saw it
 * @param gone a holder of whose process there is nothing left
 * @param goneAt when that was found
 * @param abstainUntil no try before; never again if {@link NanoTime#NEVER}
 * @param patientUntil no Lease counts as expired before: nobody could have renewed it
 * @param retreats how often the Lease was given back for want of company, since there was some
 */
record Candidacy(
    ReplicaId self,
    Timings timings,
    List<ReplicaId> ranking,
    Optional<ReplicaId> gone,
    NanoTime goneAt,
    NanoTime abstainUntil,
    NanoTime patientUntil,
    int retreats) {

  private static final int LAST_RANK = 10;
  private static final int MOST_RETREATS = 5;

  static Candidacy of(ReplicaId self, Timings timings) {
    return new Candidacy(
        self,
        timings,
        List.of(),
        Optional.empty(),
        NanoTime.NEVER,
        new NanoTime(0),
        new NanoTime(0),
        0);
  }

  Candidacy ranked(List<ReplicaId> mostSuitableFirst) {
    return new Candidacy(
        self, timings, mostSuitableFirst, gone, goneAt, abstainUntil, patientUntil, retreats);
  }

  /** Who is gone stays gone: the delay counts from the first evidence, not from the newest. */
  Candidacy without(ReplicaId holder, NanoTime now) {
    return gone.equals(Optional.of(holder))
        ? this
        : new Candidacy(
            self, timings, ranking, Optional.of(holder), now, abstainUntil, patientUntil, retreats);
  }

  Candidacy abstaining(NanoTime until) {
    return new Candidacy(self, timings, ranking, gone, goneAt, until, patientUntil, retreats);
  }

  /** {@return how long to lead alone before others may try: longer, the less that has helped} */
  Duration patience() {
    return timings.lonelyTime().multipliedBy(1L << retreats);
  }

  /** Lets the others try for a while. */
  Candidacy retreating(NanoTime now) {
    NanoTime until = now.plus(timings.lonelyTime());
    int more = Math.min(retreats + 1, MOST_RETREATS);
    return new Candidacy(self, timings, ranking, gone, goneAt, until, patientUntil, more);
  }

  /** Somebody can be reached again: what was gone may have been the network. */
  Candidacy accompanied() {
    return retreats == 0 && gone.isEmpty()
        ? this
        : new Candidacy(
            self,
            timings,
            ranking,
            Optional.empty(),
            NanoTime.NEVER,
            abstainUntil,
            patientUntil,
            0);
  }

  /** A read had no answer: whoever is away for us is away for the holder, too. */
  Candidacy unreached() {
    return patient(NanoTime.NEVER);
  }

  /** A read answered: after an outage the holder comes first. */
  Candidacy reached(NanoTime now) {
    return patientUntil == NanoTime.NEVER
        ? patient(now.plus(timings.renewPeriod()).plus(timings.retryPause()))
        : this;
  }

  private Candidacy patient(NanoTime until) {
    return new Candidacy(self, timings, ranking, gone, goneAt, abstainUntil, until, retreats);
  }

  /** {@return whether the Lease, as it was seen last, may be taken now} */
  boolean isDue(@Nullable LeaseSight sight, NanoTime now) {
    return sight != null && now.isAtOrAfter(takeOverAt(sight));
  }

  /** {@return from when the Lease may be taken, as long as it stays as it was seen} */
  NanoTime takeOverAt(LeaseSight sight) {
    Optional<ReplicaId> holder = sight.lease().holder();
    NanoTime expiry = NanoTime.max(sight.expiry(), patientUntil);
    NanoTime at;
    if (holder.isEmpty()) {
      at = sight.since().plus(delay());
    } else if (holder.get().pod().equals(self.pod())) {
      // Another run of this very pod, which is over, or ourselves, named by our predecessor.
      at = sight.since();
    } else if (holder.equals(gone)) {
      at = NanoTime.min(goneAt, expiry).plus(delay());
    } else {
      at = expiry.plus(delay());
    }
    return NanoTime.max(at, abstainUntil);
  }

  /** {@return when to look at the Lease again} */
  NanoTime pollAt(NanoTime readAt) {
    // The first three ranks look often; the others would only add load.
    int factor = rank() < 3 ? 1 : 4;
    return readAt.plus(timings.pollPeriod().multipliedBy(factor));
  }

  private int rank() {
    int known = ranking.indexOf(self);
    if (known >= 0) {
      return Math.min(known, LAST_RANK);
    }
    int spread = Math.floorMod(self.toString().hashCode(), 4);
    return Math.min(ranking.size(), LAST_RANK - 4) + spread;
  }

  private Duration delay() {
    // A few thousandths of a second by name keep equal ranks apart.
    long jitter = Math.floorMod(self.toString().hashCode() * 31L, 40L);
    return timings.rankStep().multipliedBy(rank()).plusMillis(jitter);
  }
}
