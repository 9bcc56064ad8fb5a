package dev.lockstep.core.protocol;

import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Delta;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import java.util.List;
import java.util.Optional;

/**
 * What two replicas say to each other over a link. A follower speaks first, with {@link Hello}.
 * Every message of a leader carries its epoch: a follower refuses a lower one than it has seen.
 */
public sealed interface Message {

  /** What a follower says to its leader. */
  sealed interface FromFollower extends Message {}

  /** What a leader says to its followers. */
  sealed interface FromLeader extends Message {
    /** {@return the epoch in which the leader says so} */
    Epoch epoch();
  }

  /**
   * I am here, and this is what I serve.
   *
   * @param replica which run of which pod
   * @param pod which incarnation; the link's token proves it
   * @param epochSeen highest epoch that this replica has ever seen
   * @param versionSeen highest version that this replica has ever seen, served or not
   * @param applied version that it holds durably; {@link Version#NONE} if none
   * @param digest of that version
   * @param address where it can be reached
   * @param build software version, for people and for choosing a successor
   */
  record Hello(
      ReplicaId replica,
      PodId pod,
      Epoch epochSeen,
      Version versionSeen,
      Version applied,
      Digest digest,
      Address address,
      String build)
      implements FromFollower {}

  /**
   * This version is served by every event loop, and it is durable.
   *
   * @param epoch of the leader that is answered
   * @param version served from now on
   * @param digest of what is served
   */
  record Ack(Epoch epoch, Version version, Digest digest) implements FromFollower {}

  /**
   * This version cannot be served; the older one still is.
   *
   * @param epoch of the leader that is answered
   * @param version refused
   * @param problems why
   */
  record Nack(Epoch epoch, Version version, List<ConfigProblem> problems) implements FromFollower {
    public Nack {
      problems = List.copyOf(problems);
    }
  }

  /**
   * I applied, and then read the Lease, which still named your epoch: I may be counted in.
   *
   * @param epoch that the Lease named
   */
  record Checked(Epoch epoch) implements FromFollower {}

  /**
   * Send the snapshot of your current version instead of deltas: mine do not fit.
   *
   * @param epoch of the leader that is asked
   */
  record Resync(Epoch epoch) implements FromFollower {}

  /**
   * I am alive.
   *
   * @param epoch of the leader that is spoken to
   * @param sequence counts up; the answer repeats it
   * @param answered newest sequence whose answer has come over this link; 0 before the first
   * @param version served
   * @param digest of what is served
   */
  record Heartbeat(Epoch epoch, long sequence, long answered, Version version, Digest digest)
      implements FromFollower {}

  /**
   * I am shutting down and will finish what I have.
   *
   * @param epoch of the leader that is told
   */
  record Bye(Epoch epoch) implements FromFollower {}

  /**
   * You are counted from now on.
   *
   * @param epoch of the leader
   * @param alias the follower's short name, {@code router2}
   * @param version current
   * @param digest of the current version
   * @param sources where the snapshot of the current version can be had, the leader first; empty
   *     when the follower holds it already
   * @param leader who speaks, in the answer to a hello: the next leader asks there whether it is
   *     dead. What the Lease says about that may have been edited by hand
   */
  record Welcome(
      Epoch epoch,
      String alias,
      Version version,
      Digest digest,
      List<Address> sources,
      Optional<Identity> leader)
      implements FromLeader {
    public Welcome {
      sources = List.copyOf(sources);
    }

    /** A welcome of who has said before who it is, or never does. */
    public Welcome(
        Epoch epoch, String alias, Version version, Digest digest, List<Address> sources) {
      this(epoch, alias, version, digest, sources, Optional.empty());
    }
  }

  /**
   * Apply this.
   *
   * @param epoch of the leader
   * @param delta from a version that the follower was sent before
   */
  record Push(Epoch epoch, Delta delta) implements FromLeader {}

  /**
   * Answer to a heartbeat.
   *
   * @param epoch of the leader
   * @param sequence of the heartbeat that is answered
   * @param version committed and served by the leader
   * @param digest of that version
   * @param standing how the leader counts this follower
   * @param api whether the leader can write to the API server
   * @param leaseResourceVersion of the leader's last confirmed write of the Lease: the follower's
   *     expiry clock for that write starts when it first hears of it here
   * @param successors most suitable first
   */
  record HeartbeatReply(
      Epoch epoch,
      long sequence,
      Version version,
      Digest digest,
      Standing standing,
      ApiAccess api,
      long leaseResourceVersion,
      List<ReplicaId> successors)
      implements FromLeader {
    public HeartbeatReply {
      successors = List.copyOf(successors);
    }
  }

  /**
   * Another replica leads now.
   *
   * @param epoch of the speaker, the old one
   * @param successor who was named on the Lease, if somebody was
   */
  record Moved(Epoch epoch, Optional<ReplicaId> successor) implements FromLeader {}

  /** How a leader counts a follower. */
  enum Standing {
    /** Not (yet) admitted: catching up. */
    JOINING,
    IN_SYNC,
    /** Taken out of traffic: retire client connections, catch up, come back. */
    FENCED
  }

  /** Whether a leader can write to the API server. */
  enum ApiAccess {
    CONFIRMED,
    /** No write was confirmed for the renew deadline: followers may look at the Lease. */
    SUSPENDED
  }
}
