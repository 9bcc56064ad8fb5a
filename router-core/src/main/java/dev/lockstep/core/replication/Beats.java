package dev.lockstep.core.replication;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import java.util.ArrayList;
import java.util.List;

/**
 * The heartbeats that a follower has sent over one link.
 *
 * @param count sequence of the newest; never starts again, so no answer fits two of them
 * @param answered the newest whose answer has come over this link; 0 before the first
 * @param unanswered oldest first
 */
record Beats(long count, long answered, List<Beat> unanswered) {

  /** One heartbeat, and when it was sent. */
  record Beat(long sequence, NanoTime sentAt) {}

  /** None sent yet. */
  static final Beats NONE = new Beats(0, 0, List.of());

  Beats {
    unanswered = List.copyOf(unanswered);
  }

  Beats send(NanoTime now) {
    List<Beat> longer = new ArrayList<>(unanswered);
    longer.add(new Beat(count + 1, now));
    return new Beats(count + 1, answered, longer);
  }

  /** {@return when this heartbeat was sent; the other moment if it does not wait for an answer} */
  NanoTime sentAt(long sequence, NanoTime otherwise) {
    return unanswered.stream()
        .filter(beat -> beat.sequence() == sequence)
        .map(Beat::sentAt)
        .findFirst()
        .orElse(otherwise);
  }

  /** {@return the state after an answer: nothing up to that one waits any more} */
  Beats hear(long sequence) {
    List<Beat> later = unanswered.stream().filter(beat -> beat.sequence() > sequence).toList();
    return new Beats(count, Math.max(answered, Math.min(sequence, count)), later);
  }

  /** {@return the state for another link} */
  Beats forget() {
    return new Beats(count, 0, List.of());
  }

  /** {@return the newest one, as it is sent} */
  Message message(Epoch epoch, Snapshot served) {
    return new Message.Heartbeat(epoch, count, answered, served.version(), served.digest());
  }
}
