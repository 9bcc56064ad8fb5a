package dev.lockstep.agent.proxy.backend;

import dev.lockstep.core.config.BackendTls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Objects;

/**
 * A connection to a backend from when it stands until its TLS handshake is over and it is known
 * which HTTP follows (RFC 7301). Then it makes way.
 *
 * <p>Confined to the event loop.
 */
final class TlsHandshake extends ChannelInboundHandlerAdapter {
  private final Connector connector;
  private final Connector.Attempt attempt;
  private final SslHandler tls;

  /** Otherwise there is nothing to tell: the failure to connect is told by whom it came from. */
  private boolean stood;

  private TlsHandshake(Connector connector, Connector.Attempt attempt, SslHandler tls) {
    this.connector = connector;
    this.attempt = attempt;
    this.tls = tls;
  }

  /** Begins the handshake of this channel as soon as it stands. */
  static void addTo(
      Channel channel, Connector connector, Connector.Attempt attempt, SslContext context) {
    UpstreamPool.Key key = attempt.key();
    BackendTls wanted = (BackendTls) key.protocol();
    // The name is what is verified. The port only tells the sessions of endpoints apart, each of
    // which has keys of its own for them.
    int place = 1 + (Objects.hash(key.address(), key.port()) & 0x3fff_ffff);
    SslHandler tls = context.newHandler(channel.alloc(), wanted.serverName(), place);
    tls.setHandshakeTimeoutMillis(timeout(connector, attempt).toMillis());
    channel.pipeline().addLast(tls, new TlsHandshake(connector, attempt, tls));
  }

  private static Duration timeout(Connector connector, Connector.Attempt attempt) {
    Duration most = connector.loop().settings().timeouts().handshake();
    return attempt.timeout().compareTo(most) < 0 ? attempt.timeout() : most;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    stood = true;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof SslHandshakeCompletionEvent done)) {
      ctx.fireUserEventTriggered(event);
    } else if (done.isSuccess()) {
      boolean two = ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol());
      Connector.Http http = two ? Connector.Http.TWO : Connector.Http.ONE;
      ctx.pipeline().replace(this, null, attempt.opener().reader(ctx.channel(), http));
      connector.opened(ctx.channel(), http, attempt);
    } else if (stood) {
      connector.failed(attempt, failure(done.cause()), done.cause());
      ctx.close();
    }
  }

  private static UpstreamPool.Failure failure(Throwable cause) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (at instanceof SslHandshakeTimeoutException) {
        return UpstreamPool.Failure.TIMEOUT;
      }
      if (at instanceof CertificateException) {
        return UpstreamPool.Failure.CERTIFICATE;
      }
    }
    return UpstreamPool.Failure.HANDSHAKE;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // The event has told of it, or will.
    ctx.close();
  }
}
