package dev.lockstep.core.protocol;

import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Version;
import java.util.Optional;

/**
 * What a caller asks, and waits for until a deadline.
 *
 * @param id chosen by the shell, never used twice in one run
 * @param about the condition that is waited for
 * @param deadline when the caller wants an answer at the latest
 * @param minReplicas an answer "open" needs at least so many replicas that applied; 0 for any
 */
public record Question(long id, About about, NanoTime deadline, int minReplicas) {

  /** What is waited for. */
  public sealed interface About {}

  /**
   * Every in-sync replica has applied this version.
   *
   * @param version positive
   */
  public record AtVersion(Version version) implements About {}

  /** Every in-sync replica has applied the version that is current when the question arrives. */
  public record AtCurrent() implements About {}

  /**
   * Every in-sync replica serves this object as it is, or no replica serves it any more.
   *
   * @param object which
   * @param resourceVersion at least as new as this; absent means as it is when the question arrives
   * @param state whether presence or absence is asked for
   */
  public record AtObject(ObjectKey object, Optional<Long> resourceVersion, Observation.State state)
      implements About {}
}
