package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.Defects;
import dev.lockstep.agent.proxy.TlsMeters;
import dev.lockstep.agent.proxy.request.ClientAddress;
import dev.lockstep.agent.proxy.request.ClientClaims;
import dev.lockstep.agent.proxy.request.ClientConnection;
import dev.lockstep.agent.proxy.request.RequestGate;
import dev.lockstep.agent.proxy.request.Worker;
import dev.lockstep.agent.proxy.tls.Handshake;
import dev.lockstep.agent.proxy.tls.SniSelector;
import dev.lockstep.core.config.Certificate;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Optional;
import javax.net.ssl.SSLEngine;

/**
 * A client's connection until its TLS handshake is over and it is known which protocol follows (RFC
 * 7301). Then it makes way.
 *
 * <p>Confined to the event loop.
 */
public final class TlsNegotiation extends ApplicationProtocolNegotiationHandler {
  private final Worker worker;
  private final Channel channel;
  private final ClientAddress client;
  private Optional<Certificate.Id> certificate = Optional.empty();
  private final Arrival arrival;
  private final long arrivedMillis = System.currentTimeMillis();

  /** Reads what the channel of this client has to say after its handshake. */
  public TlsNegotiation(Worker worker, Channel channel, ClientAddress client) {
    super(ApplicationProtocolNames.HTTP_1_1);
    this.worker = worker;
    this.channel = channel;
    this.client = client;
    this.arrival = new Arrival(worker, channel);
  }

  /** {@return the connection, as its worker sees it until then} */
  public ClientConnection connection() {
    return arrival;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof SniSelector.Selection selection) {
      certificate = Optional.of(selection.certificate());
    }
    if (event instanceof SslHandshakeCompletionEvent done) {
      count(ctx, done);
    }
    super.userEventTriggered(ctx, event);
  }

  private void count(ChannelHandlerContext ctx, SslHandshakeCompletionEvent event) {
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    TlsMeters meters = worker.meters().tls();
    if (event.isSuccess() && tls != null) {
      SSLEngine engine = tls.engine();
      meters.done(engine.getSession().getProtocol(), Handshake.kind(engine, arrivedMillis));
    } else if (event.cause() != null) {
      meters.failed(Handshake.refusal(event.cause()));
    }
  }

  @Override
  protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
    ClientClaims claims = new ClientClaims(ClientClaims.Scheme.HTTPS, client);
    RequestGate gate = new RequestGate(worker, claims, certificate);
    arrival.becomes(
        protocol.equals(ApplicationProtocolNames.HTTP_2)
            ? Http2Client.addTo(channel, worker, gate)
            : Http1Client.addTo(channel, worker, gate));
  }

  @Override
  protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
    exceptionCaught(ctx, cause);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Defects.log(cause);
    ctx.close();
  }
}
