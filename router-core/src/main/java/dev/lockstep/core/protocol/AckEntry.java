package dev.lockstep.core.protocol;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import java.time.Duration;

/**
 * One line of the leader's append-only log of what its replicas said.
 *
 * @param sequence counts up by one within an epoch, from 1
 * @param epoch of the leader that wrote the line
 * @param alias stable short name, {@code router1}
 * @param pod of the replica
 * @param version that it is about
 * @param kind what happened
 * @param after time since this version was committed; zero when that was before this leader
 * @param reason for people, empty for a plain ack
 */
public record AckEntry(
    long sequence,
    Epoch epoch,
    String alias,
    PodId pod,
    Version version,
    Kind kind,
    Duration after,
    String reason) {

  /** What happened. */
  public enum Kind {
    ACK,
    NACK,
    LATE,
    FENCED,
    ADMITTED,
    LEFT
  }
}
