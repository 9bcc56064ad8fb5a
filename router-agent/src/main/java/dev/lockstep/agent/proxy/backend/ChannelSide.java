package dev.lockstep.agent.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/**
 * A connection as one side of a tunnel. Confined to the event loop.
 *
 * @param channel all of whose bytes belong to the tunnel
 */
public record ChannelSide(Channel channel) implements Tunnel.Side {

  @Override
  public void write(ByteBuf data) {
    channel.writeAndFlush(data, channel.voidPromise());
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public void pauseReading() {
    channel.config().setAutoRead(false);
  }

  @Override
  public void resumeReading() {
    channel.config().setAutoRead(true);
  }

  @Override
  public void end() {
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /** Ends our direction behind what was written, and reads on. */
  void endOutput() {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.closeOutbound();
    } else {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> shutDownOutput());
    }
  }

  private void shutDownOutput() {
    if (channel instanceof DuplexChannel duplex && channel.isActive()) {
      duplex.shutdownOutput();
    }
  }

  @Override
  public void cut() {
    channel.close();
  }
}
