package dev.lockstep.agent.mesh;

import dev.lockstep.agent.mesh.MeshLink.CloseCode;
import dev.lockstep.agent.mesh.MeshTally.Count;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import io.netty.channel.Channel;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.TrustOptions;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Links to the leader. Each has a TLS context of its own, so that no session of an earlier leader
 * can be resumed past the check of the key.
 *
 * <p>Thread-safe.
 */
final class MeshClient {
  private final MeshParts parts;

  MeshClient(MeshParts parts) {
    this.parts = parts;
  }

  void connect(Effect.Connect effect) {
    MeshLink link = new MeshLink(effect.link(), parts, MeshClient::screen);
    parts.links().put(effect.link(), link);
    Optional<PeerTarget> target = PeerTarget.of(effect.leader());
    if (target.isEmpty()) {
      fail(link, "address: " + effect.leader().mesh() + " (expected: https URL and pin)");
      return;
    }
    // The token is a file that is rotated: read anew, and not on an event loop.
    parts
        .onWorker(() -> parts.environment().token().get())
        .onSuccess(token -> connect(link, target.get(), new BearerToken(token.strip())))
        .onFailure(e -> fail(link, "own token: " + MeshLink.reasonOf(e)));
  }

  private void connect(MeshLink link, PeerTarget target, BearerToken token) {
    WebSocketClient client = parts.vertx().createWebSocketClient(options(target));
    WebSocketConnectOptions request =
        new WebSocketConnectOptions()
            .setHost(target.host())
            .setPort(target.port())
            .setURI(MeshServer.LINK_PATH)
            .setTimeout(parts.settings().upgradeTimeout().toMillis())
            .addHeader("Authorization", token.header());
    long deadline =
        parts
            .settings()
            .connectTimeout()
            .plus(parts.settings().tlsTimeout())
            .plus(parts.settings().upgradeTimeout())
            .toMillis();
    long timer =
        parts
            .vertx()
            .setTimer(
                deadline,
                now -> {
                  fail(link, "no link to " + target.name() + " within " + deadline + " ms");
                  client.close();
                });
    client
        .connect(request)
        .onSuccess(
            socket -> {
              parts.vertx().cancelTimer(timer);
              open(link, socket, client);
            })
        .onFailure(
            e -> {
              parts.vertx().cancelTimer(timer);
              client.close();
              fail(link, target.name() + ": " + reasonOf(e));
            });
  }

  private void open(MeshLink link, WebSocket socket, WebSocketClient client) {
    LinkId id = link.id();
    Channel channel = Channels.of(socket);
    Runnable cut =
        () -> {
          Channels.cut(channel);
          client.close();
        };
    link.open(socket, cut, new Event.LeaderConnected(id));
  }

  private void fail(MeshLink link, String reason) {
    parts.tally().add(Count.CONNECT_FAILURE);
    link.lose(CloseCode.NORMAL, reason);
  }

  private WebSocketClientOptions options(PeerTarget target) {
    MeshSettings settings = parts.settings();
    return new WebSocketClientOptions()
        .setMaxConnections(1)
        .setMaxFrameSize(64 * 1024)
        .setMaxMessageSize(settings.maxLeaderMessage())
        .setClosingTimeout(MeshLink.LIBRARY_CLOSE_SECONDS)
        .setConnectTimeout((int) settings.connectTimeout().toMillis())
        .setTcpNoDelay(true)
        .setSsl(true)
        // The key says who it is; a name could only be wrong.
        .setVerifyHost(false)
        .setTrustOptions(TrustOptions.wrap(target.pin().trust(target.name(), parts.tally())))
        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
        .setSslHandshakeTimeout(settings.tlsTimeout().toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
  }

  /** Only a leader speaks here. */
  private static Optional<MeshLink.Refusal> screen(Message message) {
    return switch (message) {
      case Message.FromLeader ignored -> Optional.empty();
      case Message.FromFollower ignored ->
          Optional.of(new MeshLink.Refusal(Count.UNREADABLE, "a leader speaks as a follower"));
    };
  }

  private static String reasonOf(Throwable failure) {
    if (failure instanceof UpgradeRejectedException refused) {
      String body =
          refused.getBody() == null ? "" : refused.getBody().toString(StandardCharsets.UTF_8);
      String shortened = body.length() <= 200 ? body : body.substring(0, 200);
      return "refused with " + refused.getStatus() + " " + shortened;
    }
    return MeshLink.reasonOf(failure);
  }
}
