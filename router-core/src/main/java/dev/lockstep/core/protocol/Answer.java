package dev.lockstep.core.protocol;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Version;
import java.util.List;
import java.util.Optional;

/** What a caller gets to hear. */
public sealed interface Answer {

  /**
   * The barrier is open, for ever.
   *
   * @param version that the question came down to
   * @param epoch in which it was answered
   * @param applied replicas that serve that version or a newer one
   * @param excluded replicas that were not waited for, and why
   */
  record Open(Version version, Epoch epoch, List<Applied> applied, List<Excluded> excluded)
      implements Answer {
    public Open {
      applied = List.copyOf(applied);
      excluded = List.copyOf(excluded);
    }
  }

  /**
   * Not yet, and the caller's time is over.
   *
   * @param version that the question came down to; absent if no version was assigned yet
   * @param pending whom it waits for, and why
   * @param reason for people, when it is not a replica that is waited for
   */
  record Late(Optional<Version> version, List<Pending> pending, String reason) implements Answer {
    public Late {
      pending = List.copyOf(pending);
    }
  }

  /** The object cannot be served as written. */
  record Rejected(ObjectKey object, String reason) implements Answer {}

  /** The object does not exist (asked for its presence), or is not one that this router serves. */
  record Unknown(ObjectKey object, String reason) implements Answer {}

  /** The object is still there (asked for its absence). */
  record StillPresent(ObjectKey object, long resourceVersion) implements Answer {}

  /** Nobody can tell at the moment: no leader here, nobody in sync, or a pod without our gate. */
  record Undecidable(String reason) implements Answer {}

  /** A replica that serves the version. */
  record Applied(String alias, PodId pod, Version version) {}

  /** A replica that was not waited for. */
  record Excluded(String alias, PodId pod, Version version, String reason) {}

  /** A replica that is waited for. */
  record Pending(String alias, PodId pod, Version version, String reason) {}
}
