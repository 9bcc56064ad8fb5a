package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.DeadlineTimer;
import dev.lockstep.agent.proxy.Defects;
import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.http.Unread;
import dev.lockstep.agent.proxy.request.ClientAddress;
import dev.lockstep.agent.proxy.request.ClientConnection;
import dev.lockstep.agent.proxy.request.Worker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.function.Function;

/**
 * A connection from a proxy in front of us until it is known whom it brings ({@link ProxyHeader}).
 * Then it makes way. Until then nothing is answered: who writes a faulty header, or none where one
 * must be, is no client.
 *
 * <p>Confined to the event loop.
 */
public final class ProxiedArrival extends ChannelInboundHandlerAdapter {
  private final Worker worker;
  private final Channel channel;
  private final ProxySettings.ProxyProtocol.Header header;
  private final Function<ClientAddress, ClientConnection> next;
  private final Arrival arrival;
  private final DeadlineTimer timer;
  private final Unread unread = new Unread();

  /** Reads the header of this channel, then lets this read on for that client. */
  public ProxiedArrival(
      Worker worker,
      Channel channel,
      ProxySettings.ProxyProtocol.Header header,
      Function<ClientAddress, ClientConnection> next) {
    this.worker = worker;
    this.channel = channel;
    this.header = header;
    this.next = next;
    this.arrival = new Arrival(worker, channel);
    this.timer = new DeadlineTimer(worker.loop(), this::refuse);
    timer.set(worker.settings().timeouts().head());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (!channel.isActive()) {
      ((ByteBuf) msg).release();
      return;
    }
    unread.add(ctx.alloc(), (ByteBuf) msg);
    switch (ProxyHeader.read(unread.in())) {
      case ProxyHeader.Other.MORE -> {}
      case ProxyHeader.Other.FAULT -> refuse();
      case ProxyHeader.Other.NONE -> {
        if (header == ProxySettings.ProxyProtocol.Header.REQUIRED) {
          refuse();
        } else {
          makeWay(ctx, ClientAddress.of(channel.remoteAddress()));
        }
      }
      case ProxyHeader.Client client -> makeWay(ctx, ClientAddress.of(client.address()));
      case ProxyHeader.Nobody.PROXY_ITSELF ->
          makeWay(ctx, ClientAddress.of(channel.remoteAddress()));
      case ProxyHeader.Nobody.UNKNOWN -> makeWay(ctx, ClientAddress.UNKNOWN);
    }
  }

  private void makeWay(ChannelHandlerContext ctx, ClientAddress client) {
    timer.stop();
    arrival.becomes(next.apply(client));
    unread.trim();
    unread.take().ifPresent(ctx::fireChannelRead);
    ctx.pipeline().remove(this);
  }

  private void refuse() {
    worker.meters().proxyHeaderRefused();
    channel.close();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      ctx.close();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    timer.stop();
    unread.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Defects.log(cause);
    ctx.close();
  }
}
