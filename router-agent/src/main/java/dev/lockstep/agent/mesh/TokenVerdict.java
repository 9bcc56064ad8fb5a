package dev.lockstep.agent.mesh;

import dev.lockstep.core.protocol.PodId;

/** What a check of a follower's token showed. */
public sealed interface TokenVerdict {

  /** The token is for this mesh and bound to this pod. */
  record Verified(PodId pod) implements TokenVerdict {}

  /**
   * The token proves nothing: another audience, another account, no pod.
   *
   * @param reason for people; does not repeat the token
   */
  record Refused(String reason) implements TokenVerdict {}

  /**
   * Nobody can tell at the moment.
   *
   * @param reason for people
   */
  record Unavailable(String reason) implements TokenVerdict {}
}
