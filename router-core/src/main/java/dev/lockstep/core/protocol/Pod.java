package dev.lockstep.core.protocol;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;

/**
 * A pod of the mesh as Kubernetes reports it. It is a compare-and-swap register as well: every
 * write of the condition carries the resourceVersion and the writer's epoch.
 *
 * @param id which incarnation
 * @param resourceVersion of the pod object
 * @param condition the readiness-gate condition {@code lockstep.dev/in-sync}
 * @param stamp epoch of the leader that wrote to the pod last; {@link Epoch#NONE} if none did
 * @param version newest version that the last writer knew to be committed
 * @param alias short name that the last writer gave, {@code router1}; empty if none did
 * @param process what Kubernetes says about the router container
 * @param phase whether the pod is on its way out
 * @param gate whether the pod has our readiness gate at all
 * @param node name of its node, empty before it has one
 */
public record Pod(
    PodId id,
    long resourceVersion,
    Condition condition,
    Epoch stamp,
    Version version,
    String alias,
    Process process,
    Phase phase,
    Gate gate,
    String node) {

  /** The readiness-gate condition. A missing or unknown condition counts as not in sync. */
  public enum Condition {
    IN_SYNC,
    NOT_IN_SYNC
  }

  /** The router container. */
  public enum Process {
    RUNNING,
    /**
     * In sync, and yet not Ready: Kubernetes sends it no traffic, because its probe fails or its
     * node is silent. The process may live.
     */
    UNREADY,
    /** Reported terminated, or never started. */
    NOT_RUNNING
  }

  /** Whether the pod is being deleted. */
  public enum Phase {
    PRESENT,
    /** Has a deletionTimestamp, or has ended (Succeeded, Failed). */
    LEAVING
  }

  /** Whether Kubernetes makes the pod's readiness depend on us. */
  public enum Gate {
    PRESENT,
    /** Somebody's own manifest: every promise is void while such a pod lives. */
    MISSING
  }

  /** {@return whether Kubernetes counts the pod as in sync} */
  public boolean isInSync() {
    return condition == Condition.IN_SYNC;
  }

  /** {@return a pod of which nothing is known but that it exists} */
  public static Pod unseen(PodId id) {
    return new Pod(
        id,
        0,
        Condition.NOT_IN_SYNC,
        Epoch.NONE,
        Version.NONE,
        "",
        Process.RUNNING,
        Phase.PRESENT,
        Gate.PRESENT,
        "");
  }
}
