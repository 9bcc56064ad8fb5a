package dev.lockstep.agent.mesh;

import dev.lockstep.agent.mesh.MeshTally.Count;
import dev.lockstep.agent.wire.ConfigCodec;
import dev.lockstep.core.config.Digest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hands out snapshots by digest. Each comes over a connection of its own, in pieces, as fast as it
 * is read: so bulk never stands in the way of a small message.
 *
 * <p>Thread-safe.
 */
final class SnapshotServer {
  private static final int PIECE = 64 * 1024;

  /** Joiners want the current snapshot, or, during a change, the one before. */
  private static final int REMEMBERED = 2;

  private final MeshParts parts;
  private final AtomicInteger downloads = new AtomicInteger();
  private final Map<Digest, Future<Optional<Buffer>>> compressed = new LinkedHashMap<>();

  SnapshotServer(MeshParts parts) {
    this.parts = parts;
  }

  /** Answers a request whose token was verified. */
  void serve(HttpServerRequest request, String digest) {
    HttpServerResponse response = request.response();
    request.resume();
    if (digest.length() != 64
        || !digest.chars().allMatch(c -> "0123456789abcdef".indexOf(c) >= 0)) {
      response.setStatusCode(400).end("expected: a SHA-256 in lower-case hexadecimal digits");
      return;
    }
    if (downloads.incrementAndGet() > parts.settings().maxDownloads()) {
      downloads.decrementAndGet();
      parts.tally().warn(Count.BUSY, request.connection().remoteAddress().toString(), "downloads");
      response.setStatusCode(503).putHeader("Retry-After", "1").end("too many downloads");
      return;
    }
    long timeout = parts.settings().downloadTimeout().toMillis();
    long timer =
        parts.vertx().setTimer(timeout, now -> Channels.cut(Channels.of(request.connection())));
    AtomicInteger once = new AtomicInteger();
    response.closeHandler(closed -> finish(once, timer));
    response.endHandler(ended -> finish(once, timer));
    compressed(new Digest(digest))
        .onSuccess(
            found -> found.ifPresentOrElse(bytes -> send(response, bytes), () -> none(response)))
        .onFailure(e -> response.setStatusCode(500).end("cannot be written"));
  }

  private void finish(AtomicInteger once, long timer) {
    if (once.getAndIncrement() == 0) {
      parts.vertx().cancelTimer(timer);
      downloads.decrementAndGet();
    }
  }

  private synchronized Future<Optional<Buffer>> compressed(Digest digest) {
    Future<Optional<Buffer>> known = compressed.get(digest);
    if (known != null && !(known.succeeded() && known.result().isEmpty()) && !known.failed()) {
      return known;
    }
    // On a worker: a large config takes a while, and the event loop carries heartbeats.
    Future<Optional<Buffer>> made =
        parts.onWorker(
            () ->
                parts
                    .environment()
                    .snapshots()
                    .apply(digest)
                    .map(snapshot -> Buffer.buffer(ConfigCodec.encodeSnapshot(snapshot))));
    compressed.remove(digest);
    compressed.put(digest, made);
    if (compressed.size() > REMEMBERED) {
      compressed.remove(compressed.keySet().iterator().next());
    }
    return made;
  }

  private static void none(HttpServerResponse response) {
    response.setStatusCode(404).end("no snapshot of this digest here");
  }

  private void send(HttpServerResponse response, Buffer bytes) {
    response
        .putHeader("Content-Type", "application/gzip")
        .putHeader("Content-Length", String.valueOf(bytes.length()));
    sendFrom(response, bytes, 0);
  }

  private void sendFrom(HttpServerResponse response, Buffer bytes, int start) {
    int at = start;
    while (at < bytes.length() && !response.writeQueueFull()) {
      if (response.closed()) {
        return;
      }
      int end = Math.min(at + PIECE, bytes.length());
      response.write(bytes.slice(at, end));
      at = end;
    }
    int next = at;
    if (next < bytes.length()) {
      response.drainHandler(drained -> sendFrom(response, bytes, next));
    } else if (!response.closed()) {
      // When the last byte is out, and not when it is queued on a connection that was cut.
      response.end().onSuccess(out -> parts.tally().add(Count.SNAPSHOT_SERVED));
    }
  }
}
