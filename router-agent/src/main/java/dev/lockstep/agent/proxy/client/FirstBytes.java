package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.DeadlineTimer;
import dev.lockstep.agent.proxy.Defects;
import dev.lockstep.agent.proxy.http.Unread;
import dev.lockstep.agent.proxy.request.ClientConnection;
import dev.lockstep.agent.proxy.request.Worker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;

/**
 * Reads what a connection begins with, within the time that a head may take, until it is known who
 * reads on. Then it makes way, and hands on what it has not read itself.
 *
 * <p>Confined to the event loop.
 */
abstract class FirstBytes extends ChannelInboundHandlerAdapter {
  private final Channel channel;
  private final Arrival arrival;
  private final DeadlineTimer timer;
  private final Unread unread = new Unread();

  FirstBytes(Worker worker, Channel channel) {
    this.channel = channel;
    this.arrival = new Arrival(worker, channel);
    this.timer = new DeadlineTimer(worker.loop(), this::refuse);
    timer.set(worker.settings().timeouts().head());
  }

  /** Looks at all that has come and was not read; makes way, refuses, or waits for more. */
  abstract void look(ChannelHandlerContext ctx, ByteBuf in);

  /** It is nobody who may go on, or the time is up. */
  void refuse() {
    channel.close();
  }

  /** Lets this one read on, which has added itself to the channel and to its worker. */
  final void makeWayFor(ClientConnection next, ChannelHandlerContext ctx) {
    timer.stop();
    arrival.becomes(next);
    unread.trim();
    unread.take().ifPresent(ctx::fireChannelRead);
    ctx.pipeline().remove(this);
  }

  final Channel channel() {
    return channel;
  }

  /** {@return the connection, as its worker sees it until then} */
  public final ClientConnection connection() {
    return arrival;
  }

  @Override
  public final void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (channel.isActive()) {
      unread.add(ctx.alloc(), (ByteBuf) msg);
      look(ctx, unread.in());
    } else {
      ((ByteBuf) msg).release();
    }
  }

  @Override
  public final void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      ctx.close();
    }
  }

  @Override
  public final void handlerRemoved(ChannelHandlerContext ctx) {
    timer.stop();
    unread.clear();
  }

  @Override
  public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Defects.log(cause);
    ctx.close();
  }
}
