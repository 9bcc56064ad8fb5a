package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.DeadlineTimer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.time.Duration;

/**
 * Two connections joined after a protocol upgrade: bytes pass both ways as they are. A side that
 * does not read stops the other from being read, so at most a buffer full waits in between.
 *
 * <p>Confined to the event loop.
 */
public final class Tunnel {
  private final Channel client;
  private final Channel backend;
  private final DeadlineTimer timer;
  private final Duration idle;
  private long bytesFromClient;
  private long bytesFromBackend;

  /** Joins the two; the timer closes both when nothing has passed for this long. */
  public Tunnel(Channel client, Channel backend, DeadlineTimer timer, Duration idle) {
    this.client = client;
    this.backend = backend;
    this.timer = timer;
    this.idle = idle;
    timer.set(idle);
  }

  /** Passes on what the client sent. */
  public void fromClient(ByteBuf data) {
    bytesFromClient += data.readableBytes();
    pass(data, client, backend);
  }

  void fromBackend(ByteBuf data) {
    bytesFromBackend += data.readableBytes();
    pass(data, backend, client);
  }

  /** {@return how much has come from the client} */
  public long bytesFromClient() {
    return bytesFromClient;
  }

  /** {@return how much has come from the backend} */
  public long bytesFromBackend() {
    return bytesFromBackend;
  }

  private void pass(ByteBuf data, Channel from, Channel to) {
    timer.set(idle);
    to.writeAndFlush(data, to.voidPromise());
    if (!to.isWritable()) {
      from.config().setAutoRead(false);
    }
  }

  /** The client takes bytes again. */
  public void clientWritable() {
    backend.config().setAutoRead(true);
  }

  void backendWritable() {
    client.config().setAutoRead(true);
  }

  /** The client has gone. */
  public void clientEnded() {
    closeAfterFlush(backend);
  }

  void backendEnded() {
    closeAfterFlush(client);
  }

  private static void closeAfterFlush(Channel channel) {
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  void close() {
    client.close();
    backend.close();
  }
}
