package dev.lockstep.core;

import dev.lockstep.core.lease.Election;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.core.replication.Following;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Whether this replica must assume that it was fenced: it retires its client connections then, so
 * that nobody still talks to it over an old one when the drain time is over.
 *
 * @param retired whether the connections were told to go, for the isolation or fence that lasts
 */
record Isolation(boolean retired) {

  /** In touch. */
  static final Isolation NONE = new Isolation(false);

  /**
   * Retires the connections once when contact is lost, and once when a fence is heard of; lets them
   * stay again when a leader counts this replica as in sync, and not when it is merely silent.
   *
   * @param heard how the leader counts this replica; empty without a leader that has said so
   */
  Isolation advance(Optional<Message.Standing> heard, NanoTime aloneAt, Turn turn) {
    boolean lost = turn.now().isAtOrAfter(aloneAt);
    boolean inSync = heard.map(it -> it == Message.Standing.IN_SYNC).orElse(!retired);
    boolean alone = lost || !inSync;
    if (alone && !retired) {
      turn.out().add(new Effect.RetireConnections(over(lost ? aloneAt : turn.now(), turn)));
    } else if (!alone && retired && turn.gate().isOpen()) {
      turn.out().add(new Effect.Admit(Effect.Admission.ACCEPT));
    }
    return new Isolation(alone);
  }

  /** The drain time began with the fence, which was a little earlier than we can know of it. */
  private static Duration over(NanoTime since, Turn turn) {
    Timings timings = turn.timings();
    Duration known = turn.now().since(since).plus(timings.heartbeatPeriod().multipliedBy(2));
    Duration left = timings.drainTime().minus(known);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** The moment, the timings, the gate and the effects of one step. */
  record Turn(NanoTime now, Timings timings, Gatekeeper gate, List<Effect> out) {}

  /** {@return from when on nobody in charge has been in touch for the fence time} */
  static NanoTime aloneAt(
      Gatekeeper gate, Following following, Election election, Timings timings) {
    // Counted from the sending of what was answered: so never later than the leader counts.
    NanoTime last = election.confirmedAt();
    if (following.answeredSentAt() != NanoTime.NEVER) {
      last = NanoTime.max(last, following.answeredSentAt());
    }
    boolean heard =
        gate.since().isBefore(last) || (following.isWelcomed() && !following.leaderIsSuspended());
    if (gate.isOpen() && !heard) {
      // The leader counts from what an earlier run sent, or from before the pause: nobody here can
      // say when that was.
      return gate.since();
    }
    return NanoTime.max(gate.since(), last).plus(timings.fenceTime());
  }
}
