package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.request.RequestGate;
import dev.lockstep.agent.proxy.request.Worker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2CodecUtil;

/**
 * Looks at the first bytes on a plain port: a client that knows that we speak HTTP/2 begins with
 * its preface (RFC 9113 3.3), which cannot be the beginning of a request.
 *
 * <p>Confined to the event loop.
 */
public final class PriorKnowledge extends FirstBytes {
  private static final ByteBuf PREFACE = Http2CodecUtil.connectionPrefaceBuf();

  private final Worker worker;
  private final RequestGate gate;

  /** Reads what this channel begins with. */
  public PriorKnowledge(Worker worker, Channel channel, RequestGate gate) {
    super(worker, channel);
    this.worker = worker;
    this.gate = gate;
  }

  @Override
  void look(ChannelHandlerContext ctx, ByteBuf in) {
    int known = Math.min(in.readableBytes(), PREFACE.readableBytes());
    boolean preface = matches(in, known);
    if (preface && known < PREFACE.readableBytes()) {
      return;
    }
    makeWayFor(
        preface
            ? Http2Client.addTo(channel(), worker, gate)
            : Http1Client.addTo(channel(), worker, gate),
        ctx);
  }

  private static boolean matches(ByteBuf in, int length) {
    for (int i = 0; i < length; i++) {
      if (in.getByte(in.readerIndex() + i) != PREFACE.getByte(i)) {
        return false;
      }
    }
    return true;
  }
}
