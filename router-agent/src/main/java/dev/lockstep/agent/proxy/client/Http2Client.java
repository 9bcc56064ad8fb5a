package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.DeadlineTimer;
import dev.lockstep.agent.proxy.Http2Endpoint;
import dev.lockstep.agent.proxy.Http2Listener;
import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.request.ClientConnection;
import dev.lockstep.agent.proxy.request.RequestGate;
import dev.lockstep.agent.proxy.request.Worker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection of a client (RFC 9113): gives each stream to a {@link ClientStream}, bounds
 * what a client may make us do, and says goodbye in order. Frames, compression of fields and flow
 * control are Netty's.
 *
 * <p>Confined to the event loop.
 */
final class Http2Client extends Http2Listener implements ClientConnection {

  /** Frames that make work and carry nothing, in a window of time. */
  private static final int CONTROL_FRAMES = 1_000;

  private static final long CONTROL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Worker worker;
  private final Channel channel;
  private final RequestGate gate;
  private final Http2Endpoint endpoint;
  private final Http2Connection.PropertyKey streamKey;
  private final DeadlineTimer timer;
  private final Deque<ClientStream> free = new ArrayDeque<>();
  private final Deque<ClientStream> arrived = new ArrayDeque<>();
  private int controlFrames;
  private long controlsSince = System.nanoTime();
  private boolean leaving;
  private boolean ending;

  private Http2Client(Worker worker, Channel channel, RequestGate gate) {
    this.worker = worker;
    this.channel = channel;
    this.gate = gate;
    this.timer = new DeadlineTimer(worker.loop(), this::onDeadline);
    int fieldBytes = worker.settings().limits().head().totalBytes();
    this.endpoint = Http2Endpoint.of(Http2Endpoint.End.SERVER, this, fieldBytes);
    this.streamKey = endpoint.connection().newKey();
    endpoint.tell(this::writable, this::proceed);
  }

  /** Reads the requests of this channel from now on. */
  static ClientConnection addTo(Channel channel, Worker worker, RequestGate gate) {
    Http2Client client = new Http2Client(worker, channel, gate);
    worker.add(client);
    channel.closeFuture().addListener(_ -> client.closed());
    client.timer.set(worker.settings().timeouts().handshake());
    channel.pipeline().addLast(client.endpoint);
    client.endpoint.widen();
    return client;
  }

  RequestGate gate() {
    return gate;
  }

  private @Nullable ClientStream of(@Nullable Http2Stream stream) {
    return stream == null ? null : stream.getProperty(streamKey);
  }

  // What the client sends.

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean end)
      throws Http2Exception {
    Http2Stream stream = endpoint.connection().stream(id);
    if (stream == null) {
      return;
    }
    ClientStream known = of(stream);
    if (known != null) {
      if (known.isWhole()) {
        throw Http2Exception.streamError(id, Http2Error.STREAM_CLOSED, "fields after the end");
      }
      known.trailers(headers, end);
      return;
    }
    timer.clear();
    ClientStream taken = free.pollLast();
    ClientStream fresh = taken == null ? new ClientStream(worker, this) : taken;
    stream.setProperty(streamKey, fresh);
    fresh.begin(stream, headers, end);
    if (worker.isRetiring()) {
      end();
    }
  }

  /**
   * A request may look for an answer, but not before all is read that came with it: a client that
   * takes it back at once shall cost no more than reading it, and no backend anything
   * (CVE-2023-44487, CVE-2025-8671).
   */
  void arrived(ClientStream stream) {
    arrived.addLast(stream);
  }

  private void proceed() {
    for (ClientStream next = arrived.poll(); next != null; next = arrived.poll()) {
      next.proceed();
    }
  }

  @Override
  public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end) {
    worker.meters().receivedFromClient(data.readableBytes());
    ClientStream stream = of(endpoint.connection().stream(id));
    if (stream == null) {
      return data.readableBytes() + padding;
    }
    // Data is given back to the window when the backend has taken it, padding at once.
    return padding + stream.data(data, end);
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
      throws Http2Exception {
    countControl();
  }

  @Override
  public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
    countControl();
  }

  @Override
  public void onPriorityRead(
      ChannelHandlerContext ctx, int id, int dependency, short weight, boolean exclusive)
      throws Http2Exception {
    countControl();
  }

  private void countControl() throws Http2Exception {
    long now = System.nanoTime();
    if (now - controlsSince > CONTROL_NANOS) {
      controlsSince = now;
      controlFrames = 0;
    }
    if (++controlFrames > CONTROL_FRAMES) {
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM, "more than %d control frames", CONTROL_FRAMES);
    }
  }

  // What becomes of streams.

  @Override
  public void onStreamClosed(Http2Stream stream) {
    ClientStream closed = of(stream);
    if (closed != null) {
      stream.removeProperty(streamKey);
      closed.closed();
      if (channel.isActive() && free.size() < Http2Endpoint.STREAMS) {
        free.addLast(closed);
      } else {
        closed.discard();
      }
    }
    if (endpoint.connection().numActiveStreams() == 0) {
      ProxySettings.Timeouts timeouts = worker.settings().timeouts();
      timer.set(ending ? timeouts.linger() : timeouts.idle());
    }
  }

  private void writable(Http2Stream stream) {
    ClientStream client = of(stream);
    if (client != null) {
      client.writable();
    }
  }

  Http2Endpoint endpoint() {
    return endpoint;
  }

  void flush() {
    endpoint.flushSoon();
  }

  // How it ends.

  @Override
  public void retire(long nanos) {
    if (!leaving && !ending) {
      leaving = true;
      // The client shall send no more streams here; those on their way are still served.
      endpoint.sayGoodbye(Integer.MAX_VALUE);
    }
    worker.loop().schedule(this::end, nanos, TimeUnit.NANOSECONDS);
  }

  /** Takes no more streams, and closes when those that there are have ended. */
  void end() {
    if (!ending && channel.isActive()) {
      ending = true;
      endpoint.sayGoodbye(endpoint.connection().remote().lastStreamCreated());
      channel.close();
      if (endpoint.connection().numActiveStreams() == 0) {
        timer.set(worker.settings().timeouts().linger());
      }
    }
  }

  /** A goodbye that the client does not take must not keep the connection. */
  private void onDeadline() {
    if (ending) {
      endpoint.closeNow();
    } else {
      end();
    }
  }

  @Override
  public void abort() {
    ending = true;
    endpoint.closeNow();
  }

  private void closed() {
    timer.stop();
    free.forEach(ClientStream::discard);
    free.clear();
    worker.remove(this);
  }
}
