package dev.lockstep.agent.mesh;

import dev.lockstep.agent.wire.MessageCodec;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Objects;
import java.util.concurrent.Callable;

/** What all parts of the mesh share. */
record MeshParts(
    Vertx vertx,
    MeshSettings settings,
    MeshEnvironment environment,
    MessageCodec codec,
    MeshTally tally) {

  /** {@return what the work gives, done on a worker thread, where it may block} */
  <T> Future<T> onWorker(Callable<T> work) {
    return vertx.executeBlocking(work, false).map(Objects::requireNonNull);
  }
}
