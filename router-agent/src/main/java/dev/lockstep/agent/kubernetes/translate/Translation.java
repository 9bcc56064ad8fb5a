package dev.lockstep.agent.kubernetes.translate;

import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.protocol.Observation;
import java.util.List;

/**
 * What came out of the changes since the last one.
 *
 * @param config what should be served
 * @param observations of objects about which there is something new to say
 * @param complaints what the owners of objects should hear, about the same objects
 */
public record Translation(
    RouterConfig config, List<Observation> observations, List<Complaint> complaints) {

  /** Makes unmodifiable copies. */
  public Translation {
    observations = List.copyOf(observations);
    complaints = List.copyOf(complaints);
  }

  /**
   * What is wrong with an object.
   *
   * @param object which
   * @param uid which incarnation
   * @param resourceVersion as of which
   * @param kind what sort of thing is wrong
   * @param note for people
   */
  public record Complaint(
      ObjectKey object, String uid, long resourceVersion, Kind kind, String note) {}

  /** What sort of thing is wrong with an object. */
  public enum Kind {
    /** It cannot be served as written. */
    QUARANTINED,
    /** Somebody else has what it asks for, or something of it is not served. */
    NOT_SERVED
  }
}
