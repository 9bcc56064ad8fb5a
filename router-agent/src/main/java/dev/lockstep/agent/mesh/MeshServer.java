package dev.lockstep.agent.mesh;

import dev.lockstep.agent.mesh.MeshTally.Count;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.PodId;
import io.netty.channel.Channel;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.KeyCertOptions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mesh port. A connection must prove which pod it comes from before it gets anything: by a
 * token whose verifier knows the pod. What is not proved yet is bounded in number and time.
 *
 * <p>Thread-safe.
 */
final class MeshServer {
  private static final Logger LOG = LoggerFactory.getLogger(MeshServer.class);

  static final String LINK_PATH = "/mesh/v1/link";
  static final String SNAPSHOT_PATH = "/mesh/v1/snapshots/";

  private final MeshParts parts;
  private final SnapshotServer snapshots;
  private final HttpServer server;
  private final AtomicInteger underCheck = new AtomicInteger();
  private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
  private final Map<HttpConnection, Long> unverified = new ConcurrentHashMap<>();

  MeshServer(MeshParts parts, MeshIdentity identity) {
    this.parts = parts;
    this.snapshots = new SnapshotServer(parts);
    this.server =
        parts
            .vertx()
            .createHttpServer(options(identity, parts.settings()))
            .connectionHandler(this::onConnection)
            .requestHandler(this::onRequest);
  }

  /** {@return the port, once it is bound} */
  Future<Integer> bind(String host, int port) {
    return server.listen(port, host).map(HttpServer::actualPort);
  }

  Future<Void> close() {
    return server.close();
  }

  /** {@return how many connections are open; for tests of what is left behind} */
  int openConnections() {
    return connections.size();
  }

  private static HttpServerOptions options(MeshIdentity identity, MeshSettings settings) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setMaxInitialLineLength(1024)
            .setMaxHeaderSize(16 * 1024)
            .setMaxWebSocketFrameSize(64 * 1024)
            .setMaxWebSocketMessageSize(settings.maxFollowerMessage())
            .setWebSocketClosingTimeout(MeshLink.LIBRARY_CLOSE_SECONDS)
            // Small messages gain nothing, and what is not there cannot inflate.
            .setPerFrameWebSocketCompressionSupported(false)
            .setPerMessageWebSocketCompressionSupported(false);
    options
        .setSsl(true)
        .setUseAlpn(false)
        .setKeyCertOptions(KeyCertOptions.wrap(identity.key()))
        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
        .setSslHandshakeTimeout(settings.tlsTimeout().toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        // For connections that proved their pod and then say nothing; links have their own check.
        .setIdleTimeout(2 * (int) settings.linkIdleTimeout().toMillis())
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
        .setTcpNoDelay(true);
    return options;
  }

  private void onConnection(HttpConnection connection) {
    connections.add(connection);
    // Without a handler, Vert.x logs every reset as an error.
    connection.exceptionHandler(
        e -> LOG.atDebug().addKeyValue("reason", MeshLink.reasonOf(e)).log("connection failed"));
    Channel channel = Channels.of(connection);
    channel.closeFuture().addListener(closed -> forget(connection));
    if (connections.size() > parts.settings().maxConnections()) {
      parts.tally().warn(Count.BUSY, connection.remoteAddress().toString(), "connections");
      Channels.cut(channel);
      return;
    }
    Vertx vertx = parts.vertx();
    long timeout = parts.settings().unverifiedTimeout().toMillis();
    unverified.put(connection, vertx.setTimer(timeout, now -> Channels.cut(channel)));
  }

  private void forget(HttpConnection connection) {
    connections.remove(connection);
    verified(connection);
  }

  private void verified(HttpConnection connection) {
    Optional.ofNullable(unverified.remove(connection)).ifPresent(parts.vertx()::cancelTimer);
  }

  private void onRequest(HttpServerRequest request) {
    String path = Optional.ofNullable(request.path()).orElse("");
    if (request.method() != HttpMethod.GET) {
      refuse(request, 405, "only GET");
    } else if (path.equals(LINK_PATH)) {
      check(request, pod -> upgrade(request, pod));
    } else if (path.startsWith(SNAPSHOT_PATH)) {
      check(request, pod -> snapshots.serve(request, path.substring(SNAPSHOT_PATH.length())));
    } else {
      refuse(request, 404, "this build speaks /mesh/v1");
    }
  }

  /** Goes on with the pod that the token proves, or answers why not. */
  private void check(HttpServerRequest request, Consumer<PodId> next) {
    Optional<BearerToken> token =
        BearerToken.of(Optional.ofNullable(request.getHeader("Authorization")));
    if (token.isEmpty()) {
      refuse(request, Count.TOKEN_REFUSED, "no token of the right form");
      return;
    }
    if (underCheck.incrementAndGet() > parts.settings().maxUnverified()) {
      underCheck.decrementAndGet();
      refuse(request, Count.BUSY, "too many tokens under check");
      return;
    }
    // Nothing more is read from the connection until its token is checked.
    request.pause();
    Context context = parts.vertx().getOrCreateContext();
    CompletableFuture.completedFuture(token.get().text())
        .thenCompose(parts.environment().verifier())
        .orTimeout(parts.settings().verifyTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(e -> new TokenVerdict.Unavailable(MeshLink.reasonOf(e)))
        .thenAccept(verdict -> context.runOnContext(now -> decide(request, verdict, next)));
  }

  private void decide(HttpServerRequest request, TokenVerdict verdict, Consumer<PodId> next) {
    underCheck.decrementAndGet();
    switch (verdict) {
      case TokenVerdict.Verified verified -> {
        verified(request.connection());
        next.accept(verified.pod());
      }
      case TokenVerdict.Refused refused -> refuse(request, Count.TOKEN_REFUSED, refused.reason());
      case TokenVerdict.Unavailable unavailable ->
          refuse(request, Count.TOKEN_UNCHECKED, unavailable.reason());
    }
  }

  private void upgrade(HttpServerRequest request, PodId pod) {
    if (!request.canUpgradeToWebSocket()) {
      refuse(request, 426, "expected: a WebSocket");
      return;
    }
    request.toWebSocket().onSuccess(socket -> open(socket, pod));
  }

  private void open(ServerWebSocket socket, PodId pod) {
    parts.tally().add(Count.ACCEPTED);
    LinkId id = new LinkId(parts.environment().linkNumbers().getAsLong());
    MeshLink link = new MeshLink(id, parts, message -> screen(pod, message));
    parts.links().put(id, link);
    Channel channel = Channels.of(socket);
    link.open(socket, () -> Channels.cut(channel), new Event.FollowerConnected(id, pod));
  }

  /** Only a follower speaks here, and only for the pod that its token proved. */
  private static Optional<MeshLink.Refusal> screen(PodId pod, Message message) {
    return switch (message) {
      case Message.Hello hello ->
          hello.pod().equals(pod) && hello.replica().pod().equals(pod.name())
              ? Optional.empty()
              : Optional.of(
                  new MeshLink.Refusal(
                      Count.WRONG_POD, "the hello names another pod than the token " + pod));
      case Message.FromFollower ignored -> Optional.empty();
      case Message.FromLeader ignored ->
          Optional.of(new MeshLink.Refusal(Count.UNREADABLE, "a follower speaks as a leader"));
    };
  }

  private void refuse(HttpServerRequest request, Count count, String reason) {
    parts.tally().warn(count, request.connection().remoteAddress().toString(), reason);
    refuse(request, count == Count.TOKEN_REFUSED ? 401 : 503, reason);
  }

  private static void refuse(HttpServerRequest request, int status, String reason) {
    request.response().setStatusCode(status).putHeader("Connection", "close");
    if (status == 503) {
      request.response().putHeader("Retry-After", "1");
    }
    request.resume();
    request.response().end(reason);
  }
}
