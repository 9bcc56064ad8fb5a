package dev.lockstep.sim.engine;

/** Rules that a test can break on purpose, to see that an invariant notices. */
public enum Rule {
  /** What is served and acked is on the disk before. */
  DURABLE_BEFORE_ACK,
  /** A version is acked only when every event loop serves it. */
  ACK_AFTER_EVERY_LOOP,
  /** A loop that was paused for long serves nobody until the machine has said so. */
  GUARD_AFTER_PAUSE,
  /** Client connections of an isolated replica end within the drain time. */
  RETIRE_CONNECTIONS,
  /** The drain time covers the removal of an endpoint. */
  ENDPOINTS_WITHIN_DRAIN,
  /** A Lease write names uid and resourceVersion. */
  LEASE_COMPARE_AND_SWAP,
  /** A pod write names the pod's resourceVersion. */
  POD_COMPARE_AND_SWAP,
  /** A quorum read is folded into the sources by resourceVersion. */
  FOLD_BY_RESOURCE_VERSION,
  /** A process binds its ports before anything else, so that a probe is true. */
  PROBE_TELLS_TRUTH,
  /** Refused means refused: no request is served while the machine says so. */
  REFUSE_WHEN_TOLD
}
