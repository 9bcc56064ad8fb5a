package dev.lockstep.core.membership;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.AckEntry;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.Timings;
import java.util.List;
import java.util.Objects;

/**
 * What a leader owes each member at a moment: one condition write at most, a probe, or to stop
 * counting it.
 *
 * @param self the leader's own pod, which is never fenced
 * @param epoch of the leader
 * @param timings fence and drain times
 * @param committed newest version
 * @param admissions whether anybody may be let in
 */
record Duties(PodId self, Epoch epoch, Timings timings, Version committed, Admissions admissions) {

  /** Whether anybody may be let in. */
  enum Admissions {
    OPEN,
    /** Somebody holds a newer version than ours: who has ours is not up to date. */
    CLOSED
  }

  /** Whether nothing can be due: so it is for nearly all members, nearly always. */
  boolean isIdle(Member member, NanoTime now) {
    return member.link != null
        && member.pod.isInSync()
        && member.write == Member.Write.NONE
        && now.isBefore(member.behindSince.plus(timings.lateTime()))
        && new Fence(timings).cause(member, now) == Fence.Cause.NONE;
  }

  /** Does what is due for one member, which may be changed; returns whether it was. */
  boolean perform(Member member, List<Member> all, NanoTime now, List<Effect> out) {
    boolean changed = write(member, all, now, out);
    changed |= read(member, now, out);
    changed |= probe(member, now, out);
    changed |= evict(member, now, out);
    changed |= tellLate(member, now, out);
    if (!member.id().equals(self) && member.mayBeForgotten(epoch, timings, now)) {
      member.counted = false;
      changed = true;
      if (!member.isPresent()) {
        tell(member, AckEntry.Kind.LEFT, member.fenced, out);
      }
    }
    return changed;
  }

  private boolean write(Member member, List<Member> all, NanoTime now, List<Effect> out) {
    if (member.write != Member.Write.NONE
        || !member.isPresent()
        || member.pod.resourceVersion() == 0
        || member.pod.stamp().isAfter(epoch)) {
      return false; // A higher epoch wrote to it: we are deposed, and it must not fall again.
    }
    Fence fence = new Fence(timings);
    Fence.Cause cause = member.id().equals(self) ? Fence.Cause.NONE : fence.cause(member, now);
    if (member.pod.isInSync()) {
      boolean allowed = !cause.needsRails() || fence.allowsOneMore(all);
      return cause != Fence.Cause.NONE && allowed && exclude(member, cause, out);
    }
    if (isUpToDate(member) && cause == Fence.Cause.NONE) {
      return admit(member, out);
    }
    return !member.pod.stamp().equals(epoch) && !member.id().equals(self) && stamp(member, out);
  }

  /** Has everything that a member may be asked for: the newest version, under this very epoch. */
  private boolean isUpToDate(Member member) {
    boolean ready = member.id().equals(self) || (member.link != null && member.checked);
    return ready
        && admissions == Admissions.OPEN
        && committed.isAfter(Version.NONE)
        && member.acked.isAtLeast(committed);
  }

  private boolean admit(Member member, List<Effect> out) {
    // Counted BEFORE the write is sent: it may land without our ever hearing of it.
    member.counted = true;
    member.virgin = false;
    member.provenGone = false;
    member.drainFrom = NanoTime.NEVER;
    member.fenced = "";
    tell(member, AckEntry.Kind.ADMITTED, "", out);
    return send(member, Member.Write.ADMIT, "serves version " + committed, out);
  }

  private boolean exclude(Member member, Fence.Cause cause, List<Effect> out) {
    member.fenced = cause.reason;
    member.lost = cause == Fence.Cause.LOST;
    tell(member, AckEntry.Kind.FENCED, cause.reason, out);
    return send(member, Member.Write.EXCLUDE, cause.reason, out);
  }

  private boolean stamp(Member member, List<Effect> out) {
    return send(member, Member.Write.EXCLUDE, "not in sync yet", out);
  }

  private boolean send(Member member, Member.Write write, String reason, List<Effect> out) {
    member.write = write;
    member.writeBase = member.pod;
    member.wanted = writeOf(member, reason);
    out.add(member.wanted);
    return true;
  }

  private Effect writeOf(Member member, String reason) {
    Pod base = Objects.requireNonNull(member.writeBase);
    Pod.Condition condition =
        member.write == Member.Write.ADMIT ? Pod.Condition.IN_SYNC : Pod.Condition.NOT_IN_SYNC;
    return new Effect.WritePod(base, condition, epoch, committed, member.alias(), reason);
  }

  /** A write of unknown outcome is settled by a read, after a pause. */
  private static boolean read(Member member, NanoTime now, List<Effect> out) {
    if (now.isBefore(member.readAt)) {
      return false;
    }
    member.readAt = NanoTime.NEVER;
    out.add(new Effect.ReadPod(member.id()));
    return true;
  }

  private boolean probe(Member member, NanoTime now, List<Effect> out) {
    Identity contact = member.contact;
    if (contact == null
        || !wantsProbe(member)
        || now.isBefore(member.probedAt.plus(timings.linkSilence()))) {
      return false;
    }
    member.probedAt = now;
    member.probing = true;
    out.add(new Effect.Probe(contact.replica(), contact.address()));
    return true;
  }

  private boolean wantsProbe(Member member) {
    return member.counted
        && member.link == null
        && member.contact != null
        && !member.probing
        && !member.provenGone;
  }

  private boolean evict(Member member, NanoTime now, List<Effect> out) {
    if (!timings.evictAfter().isPositive()
        || member.evicted
        || member.fenced.isEmpty()
        || member.isLeaving()
        || !member.lastNack.isEmpty()
        || now.isBefore(member.drainFrom.plus(timings.evictAfter()))) {
      return false;
    }
    member.evicted = true;
    out.add(new Effect.EvictPod(member.id(), member.fenced));
    return true;
  }

  private boolean tellLate(Member member, NanoTime now, List<Effect> out) {
    if (member.lateTold || now.isBefore(member.behindSince.plus(timings.lateTime()))) {
      return false;
    }
    member.lateTold = true;
    if (member.counted && member.isPresent()) {
      tell(member, AckEntry.Kind.LATE, Fence.Cause.BEHIND.reason, out);
    }
    return true;
  }

  private static void tell(Member member, AckEntry.Kind kind, String reason, List<Effect> out) {
    out.add(
        new Effect.Announce(new Effect.MemberChanged(member.alias(), member.id(), kind, reason)));
  }

  /** {@return when something may be due for the member by time alone} */
  NanoTime nextDeadline(Member member, NanoTime now) {
    NanoTime next = member.readAt;
    if (!member.lateTold) {
      next = NanoTime.min(next, member.behindSince.plus(timings.lateTime()));
    }
    if (member.id().equals(self)) {
      return next;
    }
    if (member.counted && member.isOut(epoch)) {
      next = NanoTime.min(next, member.drainedAt(timings));
    }
    if (wantsProbe(member)) {
      next = NanoTime.min(next, member.probedAt.plus(timings.linkSilence()));
    }
    if (timings.evictAfter().isPositive() && !member.evicted && !member.fenced.isEmpty()) {
      next = NanoTime.min(next, member.drainFrom.plus(timings.evictAfter()));
    }
    if (member.write == Member.Write.NONE && member.pod.isInSync()) {
      next = NanoTime.min(next, fenceDeadline(member, now));
    }
    return next;
  }

  private NanoTime fenceDeadline(Member member, NanoTime now) {
    NanoTime due = new Fence(timings).nextChange(member);
    // Due already and still not written: the rails hold it back, and only an event frees them.
    return now.isAtOrAfter(due) ? now.plus(timings.lateTime()) : due;
  }
}
