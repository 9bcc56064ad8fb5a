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
 * @param least version that the Lease names: nothing older will do
 * @param digest of that version
 * @param stage how far it has come
 * @param askAt when to ask again, after a follower could not give it
 * @param until when waiting ends
 */
record Inheritance(
    Version least, Optional<Digest> digest, Stage stage, NanoTime askAt, NanoTime until) {

  /** How far a new leader has come. */
  enum Stage {
    SEARCHING,
    FETCHING,
    /** The sources were started. */
    SETTLED
  }

  /** Before it leads. */
  static final Inheritance NONE =
      new Inheritance(
          Version.NONE, Optional.empty(), Stage.SETTLED, NanoTime.NEVER, NanoTime.NEVER);

  /** {@return what a leader begins with that took this Lease} */
  static Inheritance of(Lease lease, NanoTime now, Timings timings) {
    NanoTime until = now.plus(timings.lateTime());
    return new Inheritance(lease.version(), lease.digest(), Stage.SEARCHING, now, until);
  }

  boolean isSettled() {
    return stage == Stage.SETTLED;
  }

  /** {@return whether there was a config before this leadership} */
  boolean isThere() {
    return least.isAfter(Version.NONE);
  }

  /** {@return whether a replica with this pod that holds this can be relied on} */
  boolean isCoveredBy(Pod pod, Version held, Digest heldDigest) {
    boolean same = held.equals(least) && digest.equals(Optional.of(heldDigest));
    return pod.isInSync() && (same || held.isAfter(least));
  }

  /** Asks a follower that holds what will do. */
  Inheritance ask(List<Member> members, NanoTime now, List<Effect> out) {
    if (stage != Stage.SEARCHING || now.isBefore(askAt)) {
      return this;
    }
    for (Member member : members) {
      Optional<Message.Hello> hello = member.hello();
      if (hello.isPresent()
          && member.link().isPresent()
          && isCoveredBy(member.pod(), hello.get().applied(), hello.get().digest())) {
        Message.Hello from = hello.get();
        out.add(new Effect.FetchSnapshot(from.applied(), from.digest(), List.of(from.address())));
        return at(Stage.FETCHING, NanoTime.NEVER);
      }
    }
    return this;
  }

  /** It could not be fetched. */
  Inheritance onFailed(NanoTime now, Duration pause) {
    return stage == Stage.FETCHING ? at(Stage.SEARCHING, now.plus(pause)) : this;
  }

  /** {@return whether there is nobody left to wait for} */
  boolean isInVain(boolean allHaveSpoken, NanoTime now) {
    boolean asksAgain = now.isBefore(askAt);
    return now.isAtOrAfter(until) || (stage == Stage.SEARCHING && allHaveSpoken && !asksAgain);
  }

  /** {@return the state after the sources were started} */
  Inheritance settled() {
    return at(Stage.SETTLED, NanoTime.NEVER);
  }

  private Inheritance at(Stage next, NanoTime nextAskAt) {
    return new Inheritance(least, digest, next, nextAskAt, until);
  }

  /** {@return when there is something to do} */
  NanoTime nextDeadline(NanoTime now) {
    if (isSettled()) {
      return NanoTime.NEVER;
    }
    return now.isBefore(askAt) ? NanoTime.min(askAt, until) : until;
  }
}
