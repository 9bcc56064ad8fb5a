package dev.lockstep.core.protocol;

import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import java.util.List;
import java.util.Optional;

/** All that can happen to a replica. The shell turns every IO outcome into one of these. */
public sealed interface Event {

  /**
   * The process runs and has bound all its ports.
   *
   * @param lastKnownGood newest snapshot on disk whose digest fits, if there is one
   */
  record Started(Optional<Snapshot> lastKnownGood) implements Event {}

  /** A deadline has come; carries nothing, because the machine knows its deadlines. */
  record TimePassed() implements Event {}

  /** The process was asked to stop (SIGTERM, preStop): hand over, leave in order. */
  record Draining() implements Event {}

  // The Lease: at most one request is under way, and each has exactly one of these outcomes.

  /** A quorum read answered. */
  record LeaseRead(Lease lease) implements Event {}

  /** A quorum read found no Lease. */
  record LeaseMissing() implements Event {}

  /** A read or creation got no answer, or a refusal that says nothing about the Lease. */
  record LeaseReadFailed(String reason) implements Event {}

  /** A write was confirmed; this is the object as the API server has it. */
  record LeaseWritten(Lease lease) implements Event {}

  /**
   * A write has an unknown outcome: time-out, broken connection, 5xx, or a conflict, which may be
   * with one's own earlier attempt. It can still land later.
   */
  record LeaseWriteUnresolved(String reason) implements Event {}

  // Pods of the mesh.

  /** A quorum list of all pods of the mesh, asked for in this epoch. */
  record PodsListed(Epoch epoch, List<Pod> pods) implements Event {}

  /** The list failed; the shell tries again by itself. */
  record PodsListFailed(Epoch epoch, String reason) implements Event {}

  /** A watch, a read or a confirmed write showed a pod. */
  record PodSeen(Pod pod) implements Event {}

  /** A pod does not exist any more (watch event or quorum read). */
  record PodGone(PodId pod) implements Event {}

  /** A condition write was confirmed. */
  record PodWritten(Pod pod) implements Event {}

  /** A condition write has an unknown outcome, a conflict included. */
  record PodWriteUnresolved(PodId pod, String reason) implements Event {}

  /** A read that this replica asked for failed. */
  record PodReadFailed(PodId pod, String reason) implements Event {}

  /** An attempt to reach all ports of a replica ended. */
  record Probed(ReplicaId replica, Evidence evidence) implements Event {}

  /** What an attempt to reach a replica showed. */
  enum Evidence {
    /** Every port refused: no process holds them. */
    GONE,
    /** Some port answered, or there was silence: silence is no evidence. */
    UNCERTAIN
  }

  // Sources, on the leader.

  /**
   * All sources were read anew and translated. The first one of an epoch is complete.
   *
   * @param epoch that the sources were started for
   * @param config what should be served
   * @param observations of objects that changed since the last such event
   */
  record SourcesObserved(Epoch epoch, RouterConfig config, List<Observation> observations)
      implements Event {}

  /** A quorum read of one object answered; its outcome is in the sources already. */
  record ObjectObserved(long question, Observation observation) implements Event {}

  /** A quorum read of one object failed. */
  record ObjectReadFailed(long question, String reason) implements Event {}

  // Links.

  /**
   * A follower connected and proved which pod it is.
   *
   * @param link a number that {@link Effect.Connect} never has: those count up from 1
   * @param pod as proved
   */
  record FollowerConnected(LinkId link, PodId pod) implements Event {}

  /** The connection to the leader stands. */
  record LeaderConnected(LinkId link) implements Event {}

  /** A message came in. */
  record Received(LinkId link, Message message) implements Event {}

  /** A link is gone, or could not be made. */
  record LinkLost(LinkId link, String reason) implements Event {}

  /** A snapshot was fetched, and its digest fits. */
  record SnapshotFetched(Snapshot snapshot) implements Event {}

  /** No source had the snapshot. */
  record SnapshotFetchFailed(Version version, Digest digest, String reason) implements Event {}

  // The data plane.

  /** Every event loop serves this version, and it is durable. */
  record Installed(Version version) implements Event {}

  /** The data plane still serves what it did. */
  record InstallFailed(Version version, List<ConfigProblem> problems) implements Event {}

  /** An event loop was paused for longer than the fence time and answers nobody. */
  record LoopPaused() implements Event {}

  // Callers.

  /** A caller asks. */
  record Asked(Question question) implements Event {}

  /** A caller went away. */
  record Cancelled(long question) implements Event {}
}
