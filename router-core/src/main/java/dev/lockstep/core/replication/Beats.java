package dev.lockstep.core.replication;

import dev.lockstep.core.protocol.NanoTime;
import java.util.ArrayList;
import java.util.List;

/**
 * The heartbeats that a follower has sent over one link.
 *
 * @param count sequence of the newest; never starts again, so no answer fits two of them
 * @param unanswered oldest first
 */
record Beats(long count, List<Beat> unanswered) {

  /** One heartbeat, and when it was sent. */
  record Beat(long sequence, NanoTime sentAt) {}

  /** None sent yet. */
  static final Beats NONE = new Beats(0, List.of());

  Beats {
    unanswered = List.copyOf(unanswered);
  }

  Beats send(NanoTime now) {
    List<Beat> longer = new ArrayList<>(unanswered);
    longer.add(new Beat(count + 1, now));
    return new Beats(count + 1, longer);
  }

  /** {@return when this heartbeat was sent; the other moment if it does not wait for an answer} */
  NanoTime sentAt(long sequence, NanoTime otherwise) {
    return unanswered.stream()
        .filter(beat -> beat.sequence() == sequence)
        .map(Beat::sentAt)
        .findFirst()
        .orElse(otherwise);
  }

  /** {@return the state in which nothing up to this one waits any more} */
  Beats answered(long sequence) {
    return new Beats(
        count, unanswered.stream().filter(beat -> beat.sequence() > sequence).toList());
  }
}
