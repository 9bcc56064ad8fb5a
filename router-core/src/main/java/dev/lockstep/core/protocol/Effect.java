package dev.lockstep.core.protocol;

import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** All that a replica can ask the shell to do. Executed in order; none of them blocks the loop. */
public sealed interface Effect {

  // The Lease. Outcome: exactly one Lease event each.

  /** Read the Lease, by quorum. */
  record ReadLease() implements Effect {}

  /** Make an empty Lease where there is none, then read it. */
  record CreateLease() implements Effect {}

  /** Replace exactly this uid and resourceVersion, once, without retries. */
  record WriteLease(Lease lease) implements Effect {}

  // Pods.

  /**
   * List the pods of the mesh by quorum, then watch them until told otherwise. A pod that a later
   * list misses is reported gone.
   */
  record FollowPods(Epoch epoch) implements Effect {}

  /** Stop watching pods. */
  record UnfollowPods() implements Effect {}

  /** Read one pod by quorum; outcome: PodSeen, PodGone or PodReadFailed. */
  record ReadPod(PodId pod) implements Effect {}

  /**
   * Write condition, epoch, version and alias to exactly this uid and resourceVersion, once.
   * Outcome: PodWritten, PodGone or PodWriteUnresolved.
   *
   * @param base the pod as it was seen last
   * @param condition to write
   * @param stamp epoch of the writer
   * @param version newest committed version that the writer knows
   * @param alias short name of the replica, kept by whoever leads next
   * @param reason for people
   */
  record WritePod(
      Pod base, Pod.Condition condition, Epoch stamp, Version version, String alias, String reason)
      implements Effect {}

  /** Ask Kubernetes to evict a pod (Eviction API, honours disruption budgets). */
  record EvictPod(PodId pod, String reason) implements Effect {}

  /** Try to connect to all ports of a replica; outcome: Probed. */
  record Probe(ReplicaId replica, Address address) implements Effect {}

  // Sources, on the leader.

  /**
   * Read all sources anew, by quorum, then watch them.
   *
   * @param epoch to repeat in the observations
   * @param previous last committed config that this replica knows: it says who owns which host
   */
  record StartSources(Epoch epoch, RouterConfig previous) implements Effect {}

  /** Forget all sources. */
  record StopSources() implements Effect {}

  /** Read one object by quorum, fold it into the sources, report both. */
  record ReadObject(long question, ObjectKey object) implements Effect {}

  // Links.

  /**
   * Connect to the leader; outcome: LeaderConnected or LinkLost with this number.
   *
   * @param link number of the connection to be
   * @param leader where, and which key it must prove
   */
  record Connect(LinkId link, Address leader) implements Effect {}

  /** Close a link; no event follows. */
  record Disconnect(LinkId link, String reason) implements Effect {}

  /** Send a message. Equal messages to several links are the same object: encode it once. */
  record Send(LinkId link, Message message) implements Effect {}

  /**
   * Fetch a snapshot by its digest from the first source that has it; outcome: SnapshotFetched,
   * with the version that was asked for, or SnapshotFetchFailed.
   */
  record FetchSnapshot(Version version, Digest digest, List<Address> sources) implements Effect {
    public FetchSnapshot {
      sources = List.copyOf(sources);
    }
  }

  // The data plane.

  /**
   * Make this durable, then serve it on every event loop; outcome: Installed or InstallFailed.
   *
   * @param snapshot to serve
   * @param base version that the shell was last told to install, when the rest can be had by
   *     difference; the shell may always use the whole snapshot
   */
  record Install(Snapshot snapshot, Optional<Version> base) implements Effect {}

  /**
   * Take or refuse new requests. To accept also lets connections stay again, and settles a pause of
   * an event loop if that was reported before this step.
   */
  record Admit(Admission admission) implements Effect {}

  /** Whether the data plane takes requests. */
  enum Admission {
    ACCEPT,
    /**
     * Answer 503 and close, idle connections and later ones too: what is held may be older than
     * what was promised.
     */
    REFUSE
  }

  /**
   * Close all client connections gently, spread over this time. From now on every answer, on
   * connections that are opened later too, says {@code Connection: close}, until the next {@link
   * Admit} that accepts: a lagging endpoint view may still send new clients here.
   *
   * @param over until the last one is closed; the end is honoured before any request that comes
   *     later, even if a timer is late
   */
  record RetireConnections(Duration over) implements Effect {}

  // Callers and people.

  /** Answer a question; the question is forgotten. */
  record Reply(long question, Answer answer) implements Effect {}

  /** Something happened that people and subscribers may want to hear of. */
  record Announce(Notice notice) implements Effect {}

  /** Everything is done; the process may end. No effect follows. */
  record Exit() implements Effect {}

  /** News for logs, metrics, Kubernetes Events and the event stream. */
  sealed interface Notice {}

  /** This replica leads. */
  record LeadershipWon(Epoch epoch, String reason) implements Notice {}

  /** This replica leads no longer. */
  record LeadershipLost(Epoch epoch, String reason) implements Notice {}

  /** The leader cannot write to the API server: no new versions. */
  record Suspended(Epoch epoch) implements Notice {}

  /** The leader can write again. */
  record Resumed(Epoch epoch) implements Notice {}

  /** A version was committed. */
  record Committed(Epoch epoch, Version version, Digest digest, int changes) implements Notice {}

  /** This replica serves a version. */
  record Served(Version version, Digest digest) implements Notice {}

  /** This replica cannot serve a version. */
  record Refused(Version version, List<ConfigProblem> problems) implements Notice {
    public Refused {
      problems = List.copyOf(problems);
    }
  }

  /** The barrier of a version opened. */
  record BarrierOpened(Epoch epoch, Version version, Duration afterCommit) implements Notice {}

  /** A replica was admitted, fenced, or left. */
  record MemberChanged(String alias, PodId pod, AckEntry.Kind kind, String reason)
      implements Notice {}

  /** Somebody must act: a pod without our gate, a Lease that went backwards, … */
  record Alarm(String subject, String reason) implements Notice {}

  /** This replica follows, or lost, a leader. */
  record Following(Optional<ReplicaId> leader, Epoch epoch, String reason) implements Notice {}
}
