package dev.lockstep.agent.mesh;

import dev.lockstep.agent.mesh.MeshTally.Count;
import dev.lockstep.agent.wire.ConfigCodec;
import dev.lockstep.agent.wire.SnapshotReading;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.TrustOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Fetches a snapshot from the first source that delivers it: the content is named by its digest, so
 * it does not matter who that is.
 *
 * <p>Thread-safe.
 */
final class SnapshotFetcher {
  private final MeshParts parts;

  SnapshotFetcher(MeshParts parts) {
    this.parts = parts;
  }

  void fetch(Effect.FetchSnapshot wanted) {
    next(wanted, 0, new ArrayList<>());
  }

  private void next(Effect.FetchSnapshot wanted, int source, List<String> failures) {
    if (source == wanted.sources().size()) {
      String reason = failures.isEmpty() ? "no sources" : String.join("; ", failures);
      parts
          .environment()
          .events()
          .accept(new Event.SnapshotFetchFailed(wanted.version(), wanted.digest(), reason));
      return;
    }
    Address address = wanted.sources().get(source);
    fetchFrom(wanted, address)
        .onSuccess(
            snapshot -> {
              parts.tally().add(Count.SNAPSHOT_FETCHED);
              parts.environment().events().accept(new Event.SnapshotFetched(snapshot));
            })
        .onFailure(
            e -> {
              parts.tally().warn(Count.SNAPSHOT_FAILURE, address.mesh(), MeshLink.reasonOf(e));
              failures.add(address.mesh() + ": " + MeshLink.reasonOf(e));
              next(wanted, source + 1, failures);
            });
  }

  private Future<Snapshot> fetchFrom(Effect.FetchSnapshot wanted, Address address) {
    Optional<PeerTarget> target = PeerTarget.of(address);
    if (target.isEmpty()) {
      return Future.failedFuture("address: expected an https URL and a pin");
    }
    return parts
        .onWorker(() -> parts.environment().token().get())
        .compose(token -> download(wanted, target.get(), new BearerToken(token.strip())))
        .compose(bytes -> parts.onWorker(() -> read(wanted, bytes)));
  }

  private Future<Buffer> download(
      Effect.FetchSnapshot wanted, PeerTarget target, BearerToken token) {
    HttpClient client = parts.vertx().createHttpClient(options(target));
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost(target.host())
            .setPort(target.port())
            .setURI(MeshServer.SNAPSHOT_PATH + wanted.digest().hex())
            .addHeader("Authorization", token.header());
    Promise<Buffer> whole = Promise.promise();
    AtomicLong lastHeard = new AtomicLong(System.nanoTime());
    List<Long> timers = watch(whole, lastHeard);
    client
        .request(options)
        .compose(HttpClientRequest::send)
        .onSuccess(response -> collect(response, whole, lastHeard))
        .onFailure(whole::tryFail);
    return whole
        .future()
        .onComplete(
            done -> {
              timers.forEach(parts.vertx()::cancelTimer);
              client.close();
            });
  }

  /** Gives the download up when it stalls, and when it takes too long. Starts both timers. */
  private List<Long> watch(Promise<Buffer> whole, AtomicLong lastHeard) {
    MeshSettings settings = parts.settings();
    long idle = settings.downloadIdleTimeout().toNanos();
    long every = Math.max(1, settings.downloadIdleTimeout().toMillis() / 4);
    return List.of(
        parts
            .vertx()
            .setTimer(
                settings.downloadTimeout().toMillis(),
                now -> whole.tryFail("not whole within downloadTimeout")),
        parts
            .vertx()
            .setPeriodic(
                every,
                now -> {
                  if (System.nanoTime() - lastHeard.get() > idle) {
                    whole.tryFail("nothing came within downloadIdleTimeout");
                  }
                }));
  }

  /** Gathers the body within its bound. Called on the event loop of the connection. */
  private void collect(HttpClientResponse response, Promise<Buffer> whole, AtomicLong lastHeard) {
    if (response.statusCode() != 200) {
      whole.tryFail("status " + response.statusCode());
      return;
    }
    int max = parts.settings().maxSnapshot();
    Buffer body = Buffer.buffer();
    response.exceptionHandler(whole::tryFail);
    response.endHandler(ended -> whole.tryComplete(body));
    response.handler(
        piece -> {
          lastHeard.set(System.nanoTime());
          if (piece.length() > max - body.length()) {
            whole.tryFail("larger than maxSnapshot " + max);
          } else {
            body.appendBuffer(piece);
          }
        });
  }

  /** The version comes from who asks: the same content may have had another one before. */
  private static Snapshot read(Effect.FetchSnapshot wanted, Buffer bytes) {
    return switch (ConfigCodec.decodeSnapshot(bytes.getBytes())) {
      case SnapshotReading.Read read when read.snapshot().digest().equals(wanted.digest()) ->
          new Snapshot(wanted.version(), wanted.digest(), read.snapshot().config());
      case SnapshotReading.Read other ->
          throw new IllegalArgumentException("digest: " + other.snapshot().digest());
      case SnapshotReading.Unreadable unreadable ->
          throw new IllegalArgumentException(unreadable.reason());
    };
  }

  private HttpClientOptions options(PeerTarget target) {
    MeshSettings settings = parts.settings();
    HttpClientOptions options =
        new HttpClientOptions()
            .setKeepAlive(false)
            .setDecompressionSupported(false)
            .setVerifyHost(false);
    options
        .setConnectTimeout((int) settings.connectTimeout().toMillis())
        .setSsl(true)
        .setUseAlpn(false)
        .setTrustOptions(TrustOptions.wrap(target.pin().trust(target.name(), parts.tally())))
        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
        .setSslHandshakeTimeout(settings.tlsTimeout().toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    return options;
  }
}
