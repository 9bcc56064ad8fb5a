package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.DeadlineTimer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.time.Duration;

/**
 * A client and a backend joined after a protocol upgrade: bytes pass both ways as they are. A side
 * that does not read stops the other from being read, so at most a buffer full waits in between.
 *
 * <p>Confined to the event loop.
 */
public final class Tunnel {

  /** One end of it: a connection, or a stream of one. */
  public interface Side {

    /** Sends these bytes, which belong to it from now on. */
    void write(ByteBuf data);

    /** {@return whether it takes more now} */
    boolean isWritable();

    /** Reads no more until {@link #resumeReading}: the other side does not keep up. */
    void pauseReading();

    /** Reads again. */
    void resumeReading();

    /** Ends behind what was written: the other side is gone. */
    void end();

    /** Ends at once. */
    void cut();
  }

  private final Side client;
  private final ChannelSide backend;
  private final DeadlineTimer timer;
  private final Duration idle;
  private long bytesFromClient;
  private long bytesFromBackend;
  private boolean clientGone;

  /** Joins the two; the timer runs out when nothing has passed for this long. */
  public Tunnel(Side client, Channel backend, DeadlineTimer timer, Duration idle) {
    this.client = client;
    this.backend = new ChannelSide(backend);
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
    if (clientGone) {
      // The timer may serve another of the client's requests by now.
      data.release();
      return;
    }
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

  private void pass(ByteBuf data, Side from, Side to) {
    timer.set(idle);
    to.write(data);
    if (!to.isWritable()) {
      from.pauseReading();
    }
  }

  /** The client takes bytes again. */
  public void clientWritable() {
    backend.resumeReading();
  }

  void backendWritable() {
    client.resumeReading();
  }

  /** The client will send nothing more, and still reads. */
  public void clientHalfEnded() {
    backend.endOutput();
  }

  /** The client has gone. */
  public void clientEnded() {
    clientGone = true;
    backend.end();
  }

  void backendEnded() {
    client.end();
  }

  /** Ends both sides at once. */
  public void cut() {
    client.cut();
    backend.cut();
  }
}
