package dev.lockstep.core;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.membership.Member;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.Timings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a new leader comes by the config that its sources start from: it says who owns a host, and
 * which form of an object was good last.
 *
 * <p>What a replica holds will do if its pod is in sync by the leader's own list: then nothing
 * newer was ever open, whatever somebody has put on the Lease. The leader looks at itself first,
 * and then asks followers for theirs. If nobody can give it, or not in time, the sources start from
 * nothing: safe, but what was good last is forgotten.
 *
 * @param lease that was taken: nothing older than what it names will do
 * @param askAt when to ask, or to ask again; {@link NanoTime#NEVER} while a follower is asked
 * @param until when waiting ends
 */
record Inheritance(Lease lease, NanoTime askAt, NanoTime until) {

  /** {@return what a leader begins with that took this Lease} */
  static Inheritance of(Lease lease, NanoTime now, Timings timings) {
    return new Inheritance(lease, now, now.plus(timings.lateTime()));
  }

  boolean isAsking() {
    return askAt == NanoTime.NEVER;
  }

  /** {@return whether a replica with this pod that holds this can be relied on} */
  boolean isCoveredBy(Pod pod, Version held, Digest digest) {
    return pod.isInSync() && (lease.names(held, digest) || held.isAfter(lease.version()));
  }

  /** Asks a follower that holds what will do. */
  Inheritance ask(List<Member> members, NanoTime now, List<Effect> out) {
    if (now.isBefore(askAt)) {
      return this;
    }
    for (Member member : members) {
      Optional<Message.Hello> hello = member.hello();
      if (hello.isPresent()
          && member.link().isPresent()
          && isCoveredBy(member.pod(), hello.get().applied(), hello.get().digest())) {
        Message.Hello from = hello.get();
        out.add(new Effect.FetchSnapshot(from.applied(), from.digest(), List.of(from.address())));
        return new Inheritance(lease, NanoTime.NEVER, until);
      }
    }
    return this;
  }

  /** It could not be fetched. */
  Inheritance onFailed(NanoTime now, Duration pause) {
    return isAsking() ? new Inheritance(lease, now.plus(pause), until) : this;
  }

  /** {@return whether there is nobody left to wait for} */
  boolean isInVain(boolean allHaveSpoken, NanoTime now) {
    return now.isAtOrAfter(until) || (allHaveSpoken && now.isAtOrAfter(askAt));
  }

  /** {@return when there is something to do} */
  NanoTime nextDeadline(NanoTime now) {
    return now.isBefore(askAt) ? NanoTime.min(askAt, until) : until;
  }
}
