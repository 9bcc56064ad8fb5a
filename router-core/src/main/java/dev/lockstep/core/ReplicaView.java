package dev.lockstep.core;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.AckEntry;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.List;
import java.util.Optional;

/**
 * One replica's state as people and callers get to see it: an immutable picture taken between two
 * steps.
 *
 * @param self who this is
 * @param alias short name that the leader gave, empty before it did
 * @param role what it does
 * @param epoch newest that it knows
 * @param leader whom it follows, or itself; absent when it knows of none
 * @param served version that its data plane serves; {@link Version#NONE} if none
 * @param digest of that version
 * @param config what it serves
 * @param standing how it is counted
 * @param readiness whether it may take new requests
 * @param leadership what only a leader knows
 */
public record ReplicaView(
    Identity self,
    String alias,
    Role role,
    Epoch epoch,
    Optional<LeaderView> leader,
    Version served,
    Digest digest,
    RouterConfig config,
    Message.Standing standing,
    Readiness readiness,
    Optional<Leadership> leadership) {

  /** What a replica does. */
  public enum Role {
    LEADER,
    FOLLOWER,
    CANDIDATE
  }

  /** Whether the data plane may take new requests. */
  public enum Readiness {
    /** Holds a config that it may serve. */
    READY,
    /** Waits for a config, or for the proof that the one it holds is not too old. */
    SYNCING,
    /** On its way out. */
    DRAINING
  }

  /** The leader, as somebody else sees it. */
  public record LeaderView(ReplicaId replica, Address address) {}

  /**
   * What only a leader knows.
   *
   * @param api whether it can write to the API server
   * @param committed newest version on the Lease
   * @param open newest version whose barrier has opened
   * @param members all replicas, this one included, ordered by alias
   * @param sources whether all sources were read completely in this epoch
   * @param quarantined objects that cannot be served as written
   * @param acks the append-only log, oldest first, as far as it is kept
   * @param undecidable why no barrier can be answered, empty when they can
   */
  public record Leadership(
      Message.ApiAccess api,
      Version committed,
      Version open,
      List<Member> members,
      Sources sources,
      List<Observation> quarantined,
      List<AckEntry> acks,
      String undecidable) {}

  /** Whether the leader has seen everything once. */
  public enum Sources {
    READING,
    SYNCED
  }

  /**
   * One replica, as its leader counts it.
   *
   * @param alias short name
   * @param pod which incarnation
   * @param replica which run; absent if it never said hello to this leader
   * @param node name of its node
   * @param address where it is reached; absent if it never said hello to this leader
   * @param state how it is counted
   * @param version acked to this leader; {@link Version#NONE} if none
   * @param ackedAt when it acked that version, local monotonic time; {@link NanoTime#NEVER} if
   *     never
   * @param lastNack newest refusal, empty if none
   * @param reason why it is in this state, for people
   */
  public record Member(
      String alias,
      PodId pod,
      Optional<ReplicaId> replica,
      String node,
      Optional<Address> address,
      MemberState state,
      Version version,
      NanoTime ackedAt,
      String lastNack,
      String reason) {}

  /** How a leader counts a replica. */
  public enum MemberState {
    LEADER,
    IN_SYNC,
    /** Counted, and behind. */
    LAGGING,
    /** Not admitted yet. */
    JOINING,
    /** Taken out of traffic; counted until the drain time is over. */
    FENCING,
    /** Taken out of traffic, not counted. */
    FENCED,
    /** Leaving; counted until the drain time is over. */
    LEAVING
  }
}
