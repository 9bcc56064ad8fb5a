package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.DeadlineTimer;
import dev.lockstep.agent.proxy.Defects;
import dev.lockstep.agent.proxy.http.Unread;
import dev.lockstep.agent.proxy.request.ClientConnection;
import dev.lockstep.agent.proxy.request.RequestGate;
import dev.lockstep.agent.proxy.request.Worker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2CodecUtil;

/**
 * Looks at the first bytes on a plain port: a client that knows that we speak HTTP/2 begins with
 * its preface (RFC 9113 3.3), which cannot be the beginning of a request. Then it makes way.
 *
 * <p>Confined to the event loop.
 */
public final class PriorKnowledge extends ChannelInboundHandlerAdapter {
  private static final ByteBuf PREFACE = Http2CodecUtil.connectionPrefaceBuf();

  private final Worker worker;
  private final Channel channel;
  private final RequestGate gate;
  private final Arrival arrival;
  private final DeadlineTimer timer;
  private final Unread unread = new Unread();

  /** Reads what this channel begins with. */
  public PriorKnowledge(Worker worker, Channel channel, RequestGate gate) {
    this.worker = worker;
    this.channel = channel;
    this.gate = gate;
    this.arrival = new Arrival(worker, channel);
    this.timer = new DeadlineTimer(worker.loop(), channel::close);
    timer.set(worker.settings().timeouts().head());
  }

  /** {@return the connection, as its worker sees it until then} */
  public ClientConnection connection() {
    return arrival;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    unread.add(ctx.alloc(), (ByteBuf) msg);
    ByteBuf in = unread.in();
    int known = Math.min(in.readableBytes(), PREFACE.readableBytes());
    boolean preface = matches(in, known);
    if (preface && known < PREFACE.readableBytes()) {
      return;
    }
    timer.stop();
    arrival.becomes(
        preface
            ? Http2Client.addTo(channel, worker, gate)
            : Http1Client.addTo(channel, worker, gate));
    unread.take().ifPresent(ctx::fireChannelRead);
    ctx.pipeline().remove(this);
  }

  private static boolean matches(ByteBuf in, int length) {
    for (int i = 0; i < length; i++) {
      if (in.getByte(in.readerIndex() + i) != PREFACE.getByte(i)) {
        return false;
      }
    }
    return true;
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
