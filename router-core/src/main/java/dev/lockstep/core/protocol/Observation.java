package dev.lockstep.core.protocol;

import dev.lockstep.core.config.ObjectKey;

/**
 * What the leader knows about one Kubernetes object, as of one resourceVersion.
 *
 * @param object which
 * @param resourceVersion of the object if present; if absent, the resourceVersion at which it was
 *     seen to be absent (KEP-5504: comparable)
 * @param state whether it exists
 * @param verdict what routing makes of it; for an absent object {@link Verdict#IGNORED}
 * @param reason for people: why it is quarantined or ignored, else empty
 */
public record Observation(
    ObjectKey object, long resourceVersion, State state, Verdict verdict, String reason) {

  /** Whether the object exists. */
  public enum State {
    PRESENT,
    ABSENT
  }

  /** What routing makes of an object. */
  public enum Verdict {
    /** Serves as written. */
    ROUTED,
    /** Not ours, or changes nothing: nothing to serve. */
    IGNORED,
    /** Cannot be served as written; its last good form, if any, serves. */
    QUARANTINED
  }
}
