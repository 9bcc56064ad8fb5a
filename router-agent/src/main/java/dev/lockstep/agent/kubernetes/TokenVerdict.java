package dev.lockstep.agent.kubernetes;

import dev.lockstep.core.protocol.PodId;

/** What the API server says of a token that somebody showed. */
public sealed interface TokenVerdict {

  /** The token is genuine, for us, and bound to this pod. */
  record Verified(PodId pod) implements TokenVerdict {}

  /** The token proves nothing; asking again is useless. */
  record Refused(String reason) implements TokenVerdict {}

  /** Nobody could tell: the API server did not answer, or too many ask. */
  record Unavailable(String reason) implements TokenVerdict {}
}
