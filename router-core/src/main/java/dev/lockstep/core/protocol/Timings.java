package dev.lockstep.core.protocol;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * All durations of the protocol. Safety does not depend on any of them but two: the drain time must
 * cover the removal of an endpoint, and the fence time is the same on all replicas.
 *
 * @param leaseDuration how long an unchanged Lease stands for a living leader; whole seconds
 * @param renewPeriod between two writes of an idle leader
 * @param renewDeadline since the sending of the last confirmed write, after which a leader counts
 *     itself suspended; less than the lease duration
 * @param retryPause between two attempts at the Lease
 * @param pollPeriod between two looks at a Lease whose holder cannot be reached
 * @param rankStep extra delay per rank before a take-over, so that candidates do not stampede
 * @param heartbeatPeriod between two heartbeats of a follower
 * @param linkSilence after which a link without an answer is given up
 * @param fenceTime of silence or lag, after which a replica is taken out of traffic; a replica
 *     counts itself isolated by the same time
 * @param drainTime D: how long after a fence an endpoint may still get new requests
 * @param lateTime after which a laggard is reported, and what it lacks or refused is tried again
 * @param lonelyTime after which a leader that reaches no follower resigns; longer than it takes
 *     until the barrier opens without a follower that was lost with the leader before
 * @param evictAfter since a fence, after which an unresponsive replica is evicted; {@link
 *     Duration#ZERO} for never
 * @param commitsPerSecond sustained rate of versions
 * @param commitBurst versions that may follow each other at once
 */
public record Timings(
    Duration leaseDuration,
    Duration renewPeriod,
    Duration renewDeadline,
    Duration retryPause,
    Duration pollPeriod,
    Duration rankStep,
    Duration heartbeatPeriod,
    Duration linkSilence,
    Duration fenceTime,
    Duration drainTime,
    Duration lateTime,
    Duration lonelyTime,
    Duration evictAfter,
    int commitsPerSecond,
    int commitBurst) {

  /** The defaults: one PUT stream for the whole mesh pays for a short lease. */
  public static final Timings STANDARD =
      new Timings(
          Duration.ofSeconds(5),
          Duration.ofMillis(1500),
          Duration.ofSeconds(4),
          Duration.ofMillis(250),
          Duration.ofMillis(500),
          Duration.ofMillis(150),
          Duration.ofMillis(500),
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ZERO,
          50,
          20);

  /** {@return what contradicts what, one sentence each; empty when all is well} */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (leaseDuration.getNano() != 0 || !leaseDuration.isPositive()) {
      problems.add("leaseDuration: " + leaseDuration + " (expected: whole seconds, at least 1)");
    }
    if (renewDeadline.compareTo(leaseDuration) >= 0) {
      problems.add(
          "renewDeadline: " + renewDeadline + " (expected: < leaseDuration " + leaseDuration + ")");
    }
    if (renewPeriod.multipliedBy(2).compareTo(renewDeadline) > 0) {
      problems.add("renewPeriod: " + renewPeriod + " (expected: <= half of renewDeadline)");
    }
    if (heartbeatPeriod.multipliedBy(2).compareTo(linkSilence) > 0) {
      problems.add("linkSilence: " + linkSilence + " (expected: >= two heartbeatPeriods)");
    }
    if (linkSilence.compareTo(fenceTime) >= 0) {
      problems.add("fenceTime: " + fenceTime + " (expected: > linkSilence " + linkSilence + ")");
    }
    Duration lost = renewDeadline.plus(fenceTime).plus(drainTime);
    if (lonelyTime.compareTo(lost) <= 0) {
      problems.add(
          "lonelyTime: "
              + lonelyTime
              + " (expected: > renewDeadline, fenceTime and drainTime together, "
              + lost
              + ", or a leader that lost its only follower resigns before its barrier opens)");
    }
    return problems;
  }
}
