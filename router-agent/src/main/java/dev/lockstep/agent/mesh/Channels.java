package dev.lockstep.agent.mesh;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundInvoker;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.WebSocketBase;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Optional;

/**
 * The Netty channel below a connection. Nothing else reaches below the public interface of Vert.x,
 * which can only close gently: it writes a last frame first, and that never happens while the other
 * side does not read. Nor does it say when a connection ends that became a WebSocket.
 */
final class Channels {
  private Channels() {}

  static Channel of(HttpConnection connection) {
    if (connection instanceof ConnectionBase base) {
      return base.channel();
    }
    throw new IllegalStateException("connection: " + connection.getClass() + " (expected: Netty)");
  }

  static Channel of(WebSocketBase socket) {
    if (socket instanceof WebSocketInternal internal) {
      return internal.channelHandlerContext().channel();
    }
    throw new IllegalStateException("socket: " + socket.getClass() + " (expected: Netty)");
  }

  /**
   * Ends a connection at once, whatever the other side does. From the first context on, because
   * both Vert.x and TLS make a close wait for what is still to be written.
   */
  static void cut(Channel channel) {
    Optional.ofNullable(channel.pipeline().firstContext())
        .ifPresentOrElse(ChannelOutboundInvoker::close, channel::close);
  }
}
