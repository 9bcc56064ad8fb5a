package dev.lockstep.core.lease;

import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.NanoTime;
import java.time.Duration;

/**
 * The Lease as it was seen last, and since when this very resourceVersion is known here.
 *
 * @param lease as read or written
 * @param since first local moment at which this resourceVersion was heard of. A renewal was sent
 *     before anybody could hear of it, so an expiry counted from here is never too early on the
 *     holder's own clock but for the difference of the clocks' rates (client-go's rule).
 */
record LeaseSight(Lease lease, NanoTime since) {

  /** Longer durations are taken for a mistake: nobody waits for a holder that claims a decade. */
  private static final Duration LONGEST = Duration.ofSeconds(60);

  /** {@return when the holder may be taken for dead, if its Lease does not change until then} */
  NanoTime expiry() {
    Duration duration = lease.duration();
    return since.plus(duration.compareTo(LONGEST) > 0 ? LONGEST : duration);
  }

  /** {@return this sight after another one: the clock goes on unless the object has changed} */
  LeaseSight then(Lease seen, NanoTime at) {
    boolean same =
        seen.uid().equals(lease.uid()) && seen.resourceVersion() == lease.resourceVersion();
    return new LeaseSight(seen, same ? NanoTime.min(since, at) : at);
  }
}
