package dev.lockstep.core.lease;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Timings;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The requests about the Lease, one at a time, and the write whose outcome is not known yet.
 *
 * <p>Invariant: nothing else is written as long as a write is <em>intended</em>, which it is until
 * it was confirmed or can never happen any more.
 *
 * <p>Confined to one step: changed on a {@link #copy} only.
 */
final class Requests implements Cloneable {

  private enum Pending {
    NONE,
    READ,
    WRITE
  }

  /** What a read says about the intended write. */
  enum Settlement {
    /** There is none: what was read is somebody else's, or our own of earlier. */
    NOTHING_INTENDED,
    /** It happened. */
    HAPPENED,
    /** It can still happen: the identical object is under way once more. */
    REPEATED,
    /** It never will. */
    NEVER
  }

  private final Timings timings;

  private Pending pending = Pending.NONE;

  /** In flight or of unknown outcome. */
  private @Nullable Lease intended;

  /** Whether a read is wanted beside those that the writes need, and whether one is under way. */
  private boolean look;

  private boolean looking;
  private NanoTime sentAt = NanoTime.NEVER;
  private NanoTime notBefore = new NanoTime(0);
  private NanoTime readAt = new NanoTime(0);
  private NanoTime readSentAt = new NanoTime(0);
  private NanoTime answeredSentAt = new NanoTime(0);

  Requests(Timings timings) {
    this.timings = timings;
  }

  Requests copy() {
    try {
      return (Requests) clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a final class that implements Cloneable can be cloned", e);
    }
  }

  // What is known.

  /** {@return whether a request waits for its outcome} */
  boolean isPending() {
    return pending != Pending.NONE;
  }

  /** {@return the write whose outcome is not known} */
  Optional<Lease> intended() {
    return Optional.ofNullable(intended);
  }

  /** {@return whether a read was asked for that has not been sent} */
  boolean isLookWanted() {
    return look;
  }

  /** {@return when the intended write, or the last one, was sent first} */
  NanoTime sentAt() {
    return sentAt;
  }

  /** {@return the moment before which nothing may be sent} */
  NanoTime notBefore() {
    return notBefore;
  }

  /** {@return when a read was answered last, or failed} */
  NanoTime readAt() {
    return readAt;
  }

  /** {@return when the last read that found the Lease was sent} */
  NanoTime answeredSentAt() {
    return answeredSentAt;
  }

  // What is sent.

  /** Asks for one read as soon as possible. */
  void look() {
    look = true;
  }

  void read(NanoTime now, List<Effect> out) {
    // Cleared now and not by the answer: a look that is asked for meanwhile needs its own read.
    looking = look;
    look = false;
    pending = Pending.READ;
    readSentAt = now;
    out.add(new Effect.ReadLease());
  }

  void create(NanoTime now, List<Effect> out) {
    pending = Pending.READ;
    readSentAt = now;
    out.add(new Effect.CreateLease());
  }

  void write(Lease content, NanoTime now, List<Effect> out) {
    intended = content;
    sentAt = now;
    send(content, out);
  }

  private void send(Lease write, List<Effect> out) {
    pending = Pending.WRITE;
    out.add(new Effect.WriteLease(write));
  }

  // How it ended.

  /** A read answered: tells what became of the intended write, and repeats it where that helps. */
  Settlement onRead(Lease read, NanoTime now, List<Effect> out) {
    pending = Pending.NONE;
    answeredSentAt = readSentAt;
    readAt = now;
    Lease write = intended;
    if (write == null) {
      return Settlement.NOTHING_INTENDED;
    }
    if (write.nonce().equals(read.nonce())) {
      return Settlement.HAPPENED;
    }
    if (write.uid().equals(read.uid()) && write.resourceVersion() == read.resourceVersion()) {
      send(write, out);
      return Settlement.REPEATED;
    }
    intended = null;
    return Settlement.NEVER;
  }

  /** A read found nothing: a write of what is not there can never happen. */
  void onMissing(NanoTime now) {
    pending = Pending.NONE;
    readAt = now;
    intended = null;
  }

  void onReadFailed(NanoTime now) {
    look = look || looking;
    pending = Pending.NONE;
    readAt = now;
    notBefore = now.plus(timings.retryPause());
  }

  /** The intended write happened. */
  void onConfirmed(NanoTime now) {
    pending = Pending.NONE;
    intended = null;
    notBefore = now;
  }

  /** A write has an unknown outcome: it stays intended, a read will tell. */
  void onUnresolved(NanoTime now) {
    pending = Pending.NONE;
    notBefore = now.plus(timings.retryPause());
  }
}
