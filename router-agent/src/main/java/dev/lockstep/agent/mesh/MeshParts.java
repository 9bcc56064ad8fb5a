package dev.lockstep.agent.mesh;

import dev.lockstep.agent.wire.MessageCodec;
import dev.lockstep.core.protocol.LinkId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * What all parts of the mesh share.
 *
 * @param links all that have not ended; safe for use by several threads
 */
record MeshParts(
    Vertx vertx,
    MeshSettings settings,
    MeshEnvironment environment,
    MessageCodec codec,
    MeshTally tally,
    Map<LinkId, MeshLink> links) {

  /** {@return what the work gives, done on a worker thread, where it may block} */
  <T> Future<T> onWorker(Callable<T> work) {
    return vertx.executeBlocking(work, false).map(Objects::requireNonNull);
  }

  Optional<MeshLink> link(LinkId id) {
    return Optional.ofNullable(links.get(id));
  }
}
