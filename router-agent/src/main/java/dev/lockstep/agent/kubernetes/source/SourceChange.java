package dev.lockstep.agent.kubernetes.source;

import java.util.List;

/**
 * What a {@link Reflector} tells.
 *
 * @param <T> kind of object
 */
public sealed interface SourceChange<T> {

  /**
   * A complete list, by quorum.
   *
   * @param items all there are
   * @param resourceVersion as of which
   */
  record Listed<T>(List<T> items, long resourceVersion) implements SourceChange<T> {}

  /** An object was added or changed. */
  record Seen<T>(T object) implements SourceChange<T> {}

  /** An object was deleted; its resourceVersion is that of the deletion. */
  record Deleted<T>(T object) implements SourceChange<T> {}

  /** A list or a watch failed, was refused, or ended; the reflector goes on by itself. */
  record Failed<T>(String reason) implements SourceChange<T> {}
}
