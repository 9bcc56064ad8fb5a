package dev.lockstep.core.membership;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Timings;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One replica, as its leader counts it.
 *
 * <p>Readable by everybody, changed only by {@link InSyncSet}, and only on a copy made in the step.
 */
public final class Member implements Cloneable {

  /** A condition write in flight or of unknown outcome. */
  enum Write {
    NONE,
    /** Sets the condition True: the member is counted from before it was sent. */
    ADMIT,
    /** Leaves or makes the condition False: counted until after it was confirmed. */
    EXCLUDE
  }

  private final PodId id;

  /** Short name; may change as long as the pod has not been seen. */
  String alias;

  /** Newest sight of the pod. */
  Pod pod;

  /**
   * No leader had ever written to the pod when it was first seen, and none has admitted it since:
   * it has never been in sync, so no endpoint of it has to disappear.
   */
  boolean virgin;

  /** When the pod was seen to be gone; {@link NanoTime#NEVER} while it exists. */
  NanoTime goneAt = NanoTime.NEVER;

  @Nullable LinkId link;
  Message.@Nullable Hello hello;

  /** Whom a probe asks; null as long as nobody knows. */
  @Nullable Identity contact;

  Version acked = Version.NONE;
  NanoTime ackedAt = NanoTime.NEVER;

  /** Re-read the Lease after it applied, and found our epoch there. */
  boolean checked;

  /** When we began to listen. */
  private final NanoTime seenAt;

  /** When it was heard of last, or when we began to listen. */
  NanoTime heardAt;

  /** When it was sure to know that it is out of sync; {@link NanoTime#NEVER} before. */
  NanoTime toldAt = NanoTime.NEVER;

  /** The heartbeat whose answer said first that it is out of sync; 0 before there was one. */
  private long toldBy;

  /** Since when it has been behind the current version; {@link NanoTime#NEVER} while it is not. */
  NanoTime behindSince = NanoTime.NEVER;

  /** Invariant: false only after a confirmed write, and the drain time or newer evidence. */
  boolean counted = true;

  /** When the drain time began: a confirmed fence or stamp, a departure, or a later hello. */
  NanoTime drainFrom = NanoTime.NEVER;

  /** Every port refused a probe that began after {@link #drainFrom}. */
  boolean provenGone;

  /** Every port refused the last probe; cleared by any sign of life. */
  boolean refused;

  NanoTime probedAt = new NanoTime(0);
  boolean probing;
  Write write = Write.NONE;
  @Nullable Pod writeBase;

  /** What was asked for last: a repetition is the identical write. */
  @Nullable Effect wanted;

  /**
   * When to read the pod, to learn how a write ended; {@link NanoTime#NEVER} if nothing is open.
   */
  NanoTime readAt = NanoTime.NEVER;

  boolean leaving;
  boolean lateTold;
  boolean evicted;
  String lastNack = "";

  /** Why it was fenced; empty while it was not. */
  String fenced = "";

  /** Was fenced outside the rails, because Kubernetes had stopped to send it traffic before. */
  boolean lost;

  Member(Pod pod, String alias, NanoTime now) {
    this.id = pod.id();
    this.pod = pod;
    this.alias = alias;
    this.seenAt = now;
    this.heardAt = now;
    this.virgin = pod.stamp().equals(Epoch.NONE) && !pod.isInSync() && pod.resourceVersion() > 0;
  }

  Member copy() {
    try {
      return (Member) clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a final class that implements Cloneable can be cloned", e);
    }
  }

  /** {@return which pod} */
  public PodId id() {
    return id;
  }

  /** {@return short name} */
  public String alias() {
    return alias;
  }

  /** {@return newest sight of the pod} */
  public Pod pod() {
    return pod;
  }

  /** {@return the link, while there is one} */
  public Optional<LinkId> link() {
    return Optional.ofNullable(link);
  }

  /** {@return what it said of itself, if it ever did} */
  public Optional<Message.Hello> hello() {
    return Optional.ofNullable(hello);
  }

  /** {@return newest version that it acked to this leader} */
  public Version acked() {
    return acked;
  }

  /** {@return when it acked that version} */
  public NanoTime ackedAt() {
    return ackedAt;
  }

  /** {@return whether a barrier must hear from it} */
  public boolean isCounted() {
    return counted;
  }

  /** {@return whether it may get traffic: Kubernetes says so, or may say so any moment} */
  public boolean isAdmitted() {
    return isPresent() && (pod.isInSync() || write == Write.ADMIT);
  }

  /** {@return whether it is on its way out, or gone} */
  public boolean isLeaving() {
    return leaving || !isPresent() || pod.phase() == Pod.Phase.LEAVING;
  }

  /** {@return newest refusal, or empty} */
  public String lastNack() {
    return lastNack;
  }

  /** {@return why it was taken out of traffic, or empty} */
  public String fenced() {
    return fenced;
  }

  /** {@return since when it has been behind; never if it is not} */
  public NanoTime behindSince() {
    return behindSince;
  }

  /** {@return whether all that is known of the pod is that somebody speaks for it} */
  boolean isUnseen() {
    return pod.resourceVersion() == 0;
  }

  boolean isPresent() {
    return goneAt == NanoTime.NEVER;
  }

  /** {@return whether nobody runs or is reached there: nobody is harmed by its fence} */
  public boolean looksDead() {
    return link == null && (refused || lost || pod.process() == Pod.Process.NOT_RUNNING);
  }

  boolean awaitsProbeOf(ReplicaId replica) {
    return probing && contact != null && contact.replica().equals(replica);
  }

  /** Whether a sight, or our own write, has confirmed in this epoch that the pod is out of sync. */
  boolean isOut(Epoch epoch) {
    return !isPresent() || (!pod.isInSync() && pod.stamp().equals(epoch));
  }

  /** Newer sight of the pod. */
  void onSeen(Pod seen, Epoch epoch, NanoTime now) {
    boolean wasOut = isOut(epoch);
    pod = seen;
    // The pod has moved on: our write has landed, or never will.
    write = Write.NONE;
    writeBase = null;
    readAt = NanoTime.NEVER;
    if (seen.stamp().isAfter(Epoch.NONE) && !seen.stamp().equals(epoch)) {
      virgin = false; // Another leader wrote to it: it may have been in sync between two sights.
    }
    if (seen.isInSync()) {
      virgin = false;
      counted = true;
      drainFrom = NanoTime.NEVER;
      provenGone = false;
      fenced = "";
      lost = false;
    } else if (isOut(epoch) && (!wasOut || drainFrom == NanoTime.NEVER)) {
      // Also where an admission stopped the drain time and can never land any more.
      startDraining(now);
    }
  }

  void onGone(NanoTime now) {
    goneAt = now;
    write = Write.NONE;
    writeBase = null;
    fenced = "its pod is gone";
    if (drainFrom == NanoTime.NEVER) {
      startDraining(now);
    }
  }

  private void startDraining(NanoTime now) {
    drainFrom = now;
    toldAt = NanoTime.NEVER;
    toldBy = 0;
    provenGone = false;
    probedAt = new NanoTime(0);
  }

  void onHello(LinkId over, Message.Hello said, NanoTime now) {
    if (hello == null || !hello.replica().equals(said.replica())) {
      leaving = false;
      evicted = false;
      probing = false; // Nobody waits for the outcome: it is about the run before.
    }
    link = over;
    hello = said;
    contact = new Identity(said.replica(), said.pod(), said.address(), said.build());
    acked = Version.NONE;
    ackedAt = NanoTime.NEVER;
    checked = false;
    toldAt = NanoTime.NEVER;
    toldBy = 0;
    counted = true;
    provenGone = false;
    refused = false;
    lost = false;
    heardAt = now;
    behindSince = NanoTime.NEVER;
    if (drainFrom != NanoTime.NEVER) {
      drainFrom = now;
    }
  }

  void onResumed(NanoTime now) {
    heardAt = now;
    if (behindSince != NanoTime.NEVER) {
      behindSince = now;
    }
  }

  void onLinkLost() {
    link = null;
    checked = false;
    probedAt = new NanoTime(0);
  }

  /** Judges lag anew after an ack or a new current version. */
  void compareTo(Version current, NanoTime now) {
    if (acked.isAtLeast(current)) {
      behindSince = NanoTime.NEVER;
      lateTold = false;
    } else if (behindSince == NanoTime.NEVER) {
      behindSince = now;
    }
  }

  /**
   * A heartbeat came in; its answer tells the follower whether it is in sync. It knows, and retires
   * its connections, once it says that an answer has come which told it so.
   */
  void onHeard(Epoch epoch, Message.Heartbeat beat, NanoTime now) {
    heardAt = now;
    if (!isOut(epoch)) {
      toldBy = 0;
      toldAt = NanoTime.NEVER;
    } else if (toldBy == 0) {
      toldBy = beat.sequence();
    } else if (toldAt == NanoTime.NEVER && beat.answered() >= toldBy) {
      toldAt = now;
    }
  }

  /**
   * {@return from when on nobody reaches this member over an endpoint or an old connection}: the
   * drain time after it was out, and after it knew, or must have counted itself isolated.
   */
  NanoTime drainedAt(Timings timings) {
    // Our predecessor may not have known that it was one, and have answered so long.
    NanoTime elsewhere = seenAt.plus(timings.renewDeadline());
    NanoTime inTouch = hello == null ? NanoTime.max(heardAt, elsewhere) : heardAt;
    NanoTime retires = toldAt == NanoTime.NEVER ? inTouch.plus(timings.fenceTime()) : toldAt;
    return NanoTime.max(drainFrom, retires).plus(timings.drainTime());
  }

  /** Whether nothing that this member does can make an open barrier wrong any more. */
  boolean mayBeForgotten(Epoch epoch, Timings timings, NanoTime now) {
    return counted
        && isOut(epoch)
        && write != Write.ADMIT
        && (virgin || provenGone || now.isAtOrAfter(drainedAt(timings)));
  }
}
