package dev.lockstep.core;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import java.util.List;

/**
 * How a new leader comes by the config that the Lease names, if it does not hold it. The sources
 * start from that config: it says who owns a host, and which form of an object was good last.
 *
 * <p>A follower that holds it says so in its hello, and is asked for it. If nobody has it, or not
 * in time, the sources start from nothing: safe, but what was good last is forgotten.
 *
 * @param version that the Lease names
 * @param digest of that
 * @param stage how far it has come
 * @param until when waiting ends
 */
record Inheritance(Version version, Digest digest, Stage stage, NanoTime until) {

  /** How far a new leader has come. */
  enum Stage {
    SEARCHING,
    FETCHING,
    /** The sources were started. */
    SETTLED
  }

  /** Before it leads. */
  static final Inheritance NONE =
      new Inheritance(Version.NONE, Snapshot.NONE.digest(), Stage.SETTLED, NanoTime.NEVER);

  /** {@return what is looked for by a leader that begins with this} */
  static Inheritance of(Lease lease, Snapshot named, NanoTime until) {
    boolean none = lease.version().equals(Version.NONE) || lease.digest().isEmpty();
    boolean held = named.version().isAfter(Version.NONE);
    return none || held
        ? NONE
        : new Inheritance(lease.version(), lease.digest().get(), Stage.SEARCHING, until);
  }

  boolean isSettled() {
    return stage == Stage.SETTLED;
  }

  /** A follower says what it holds: if that is it, it is fetched from there. */
  Inheritance onHello(Message.Hello hello, List<Effect> out) {
    boolean has = hello.applied().equals(version) && hello.digest().equals(digest);
    if (stage != Stage.SEARCHING || !has) {
      return this;
    }
    out.add(new Effect.FetchSnapshot(version, digest, List.of(hello.address())));
    return new Inheritance(version, digest, Stage.FETCHING, until);
  }

  /** {@return whether this is what was asked for} */
  boolean isAnsweredBy(Snapshot fetched) {
    return stage == Stage.FETCHING && fetched.digest().equals(digest);
  }

  /** It could not be fetched from there; the next hello may be of somebody else who has it. */
  Inheritance onFailed() {
    return isSettled() ? this : new Inheritance(version, digest, Stage.SEARCHING, until);
  }

  /** {@return whether there is nobody left to wait for} */
  boolean isInVain(boolean allHaveSpoken, NanoTime now) {
    return !isSettled() && (now.isAtOrAfter(until) || (stage == Stage.SEARCHING && allHaveSpoken));
  }

  /** {@return when waiting ends, if it has not ended} */
  NanoTime nextDeadline() {
    return isSettled() ? NanoTime.NEVER : until;
  }
}
