package dev.lockstep.core.config;

/**
 * A change from one version to a later one, not necessarily the next.
 *
 * @param base what the receiver must hold
 * @param target what it holds afterwards
 * @param digest of the target's config: the receiver checks it
 * @param changes what differs
 */
public record Delta(Version base, Version target, Digest digest, RouterConfig.Changes changes) {

  public Delta {
    if (!target.isAfter(base)) {
      throw new IllegalArgumentException("target: " + target + " (expected: > base " + base + ")");
    }
  }

  /** {@return the target, computed from the base; its digest is of what came out, unchecked} */
  public Snapshot applyTo(Snapshot snapshot) {
    return Snapshot.of(target, snapshot.config().apply(changes));
  }
}
