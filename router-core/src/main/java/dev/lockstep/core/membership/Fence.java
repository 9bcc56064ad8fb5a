package dev.lockstep.core.membership;

import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.Timings;
import java.time.Duration;
import java.util.Collection;

/**
 * Who may be taken out of traffic, and when.
 *
 * <p>The rails: never more than one replica or a quarter of the set at a time for silence or lag,
 * because if many lag, the config or the leader is to blame. A replica that is leaving, that nobody
 * runs, or that is silent and gets no traffic from Kubernetes any more, is outside the rails:
 * nobody is harmed, and a barrier must not wait for it.
 *
 * @param fenceTime of silence or lag
 */
record Fence(Duration fenceTime) {

  /** Why a member should be out of traffic. */
  enum Cause {
    NONE(""),
    LEAVING("it is leaving"),
    DEAD("nobody runs there"),
    LOST("it is silent and not ready"),
    SILENT("it is silent"),
    BEHIND("it does not apply the current version");

    final String reason;

    Cause(String reason) {
      this.reason = reason;
    }

    boolean needsRails() {
      return this == SILENT || this == BEHIND;
    }
  }

  Fence(Timings timings) {
    this(timings.fenceTime());
  }

  /** {@return why the member should be out of traffic, judged by what is known now} */
  Cause cause(Member member, NanoTime now) {
    if (member.isLeaving()) {
      return Cause.LEAVING;
    }
    if (member.looksDead()) {
      return Cause.DEAD;
    }
    if (now.isAtOrAfter(member.heardAt.plus(fenceTime))) {
      return member.pod.process() == Pod.Process.UNREADY ? Cause.LOST : Cause.SILENT;
    }
    return now.isAtOrAfter(member.behindSince.plus(fenceTime)) ? Cause.BEHIND : Cause.NONE;
  }

  /** {@return when the answer of {@link #cause} may change by time alone} */
  NanoTime nextChange(Member member) {
    return NanoTime.min(member.heardAt.plus(fenceTime), member.behindSince.plus(fenceTime));
  }

  /** {@return whether one more living replica may be fenced} */
  boolean allowsOneMore(Collection<Member> members) {
    int living = 0;
    int out = 0;
    for (Member member : members) {
      boolean counts = !member.isLeaving() && !member.looksDead();
      boolean isOut = !member.fenced.isEmpty();
      living += counts && (isOut || member.isAdmitted()) ? 1 : 0;
      out += counts && isOut ? 1 : 0;
    }
    return out < Math.max(1, living / 4);
  }

  /** {@return whether Kubernetes still runs the router there, as far as it says} */
  static boolean runs(Member member) {
    return member.isPresent() && member.pod.process() != Pod.Process.NOT_RUNNING;
  }
}
