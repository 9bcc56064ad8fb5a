package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.DeadlineTimer;
import dev.lockstep.agent.proxy.Defects;
import dev.lockstep.agent.proxy.http.Trailers;
import dev.lockstep.agent.proxy.request.ClientConnection;
import dev.lockstep.agent.proxy.request.RequestGate;
import dev.lockstep.agent.proxy.request.Worker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
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
final class Http2Client extends Http2EventAdapter implements ClientConnection {

  /** Streams that a client may have open at a time. */
  private static final int STREAMS = 100;

  /** What a client may send on one stream before the backend has taken any of it. */
  private static final int STREAM_WINDOW = 65_535;

  /** The same for all streams together. */
  private static final int CONNECTION_WINDOW = 1 << 20;

  /** Resets, by the client or made necessary by it, in so many seconds (CVE-2023-44487). */
  private static final int RESETS = 200;

  private static final int RESETS_SECONDS = 30;

  /** CONTINUATION frames of less than 8 KiB in one block of fields (CVE-2024-27983). */
  private static final int SMALL_CONTINUATIONS = 16;

  private static final int EMPTY_DATA = 16;

  /** Frames that make work and carry nothing, in a window of time. */
  private static final int CONTROL_FRAMES = 1_000;

  private static final long CONTROL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Worker worker;
  private final Channel channel;
  private final RequestGate gate;
  private final Handler handler;
  private final Http2Connection.PropertyKey streamKey;
  private final DeadlineTimer timer;
  private final Deque<ClientStream> free = new ArrayDeque<>();
  private int controlFrames;
  private long controlsSince = System.nanoTime();
  private boolean leaving;
  private boolean ending;

  private Http2Client(Worker worker, Channel channel, RequestGate gate) {
    this.worker = worker;
    this.channel = channel;
    this.gate = gate;
    this.timer = new DeadlineTimer(worker.loop(), this::end);
    this.handler = new HandlerBuilder(this).build();
    this.streamKey = handler.connection().newKey();
    handler.connection().addListener(this);
    handler.encoder().flowController().listener(this::writabilityChanged);
  }

  /** Reads the requests of this channel from now on. */
  static ClientConnection addTo(Channel channel, Worker worker, RequestGate gate) {
    Http2Client client = new Http2Client(worker, channel, gate);
    worker.add(client);
    channel.closeFuture().addListener(_ -> client.closed());
    client.timer.set(worker.settings().timeouts().handshake());
    channel.pipeline().addLast(client.handler);
    client.widen();
    return client;
  }

  private void widen() {
    Http2Stream whole = handler.connection().connectionStream();
    try {
      var flow = handler.connection().local().flowController();
      flow.incrementWindowSize(whole, CONNECTION_WINDOW - flow.windowSize(whole));
    } catch (Http2Exception e) {
      throw new IllegalStateException("a window cannot be widened", e);
    }
    channel.flush();
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
    Http2Stream stream = handler.connection().stream(id);
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

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int id,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end)
      throws Http2Exception {
    onHeadersRead(ctx, id, headers, padding, end);
  }

  @Override
  public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end) {
    worker.meters().receivedFromClient(data.readableBytes());
    ClientStream stream = of(handler.connection().stream(id));
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
      if (free.size() < STREAMS) {
        free.addLast(closed);
      }
    }
    if (handler.connection().numActiveStreams() == 0) {
      timer.set(worker.settings().timeouts().idle());
    }
  }

  private void writabilityChanged(Http2Stream stream) {
    ClientStream client = of(stream);
    if (client != null && isWritable(stream)) {
      client.writable();
    }
  }

  boolean isWritable(Http2Stream stream) {
    return handler.encoder().flowController().isWritable(stream);
  }

  /** Lets the client send as much more on the stream. */
  void consumed(Http2Stream stream, int bytes) {
    try {
      handler.connection().local().flowController().consumeBytes(stream, bytes);
    } catch (Http2Exception e) {
      throw new IllegalStateException("more was taken than came on stream " + stream.id(), e);
    }
  }

  void writeHeaders(Http2Stream stream, Http2Headers headers, boolean end) {
    handler
        .encoder()
        .writeHeaders(handler.context(), stream.id(), headers, 0, end, channel.newPromise());
  }

  void writeData(Http2Stream stream, ByteBuf data, boolean end) {
    handler.encoder().writeData(handler.context(), stream.id(), data, 0, end, channel.newPromise());
  }

  /** Writes the trailers of a response, and with them its end. */
  void writeTrailers(Http2Stream stream, Trailers trailers) {
    Http2Headers headers = ClientStream.headers();
    trailers.sendTo(headers::add);
    writeHeaders(stream, headers, true);
  }

  void reset(Http2Stream stream, Http2Error why) {
    handler.resetStream(handler.context(), stream.id(), why.code(), channel.newPromise());
  }

  void flush() {
    channel.flush();
  }

  // How it ends.

  @Override
  public void retire(long nanos) {
    if (!leaving && !ending) {
      leaving = true;
      // The client shall send no more streams here; those on their way are still served.
      sayGoodbye(Integer.MAX_VALUE);
    }
    worker.loop().schedule(this::end, nanos, TimeUnit.NANOSECONDS);
  }

  /** Takes no more streams, and closes when those that there are have ended. */
  void end() {
    if (!ending && channel.isActive()) {
      ending = true;
      sayGoodbye(handler.connection().remote().lastStreamCreated());
      channel.close();
    }
  }

  private void sayGoodbye(int lastStream) {
    if (handler.isReady()) {
      handler.goAway(
          handler.context(),
          lastStream,
          Http2Error.NO_ERROR.code(),
          Unpooled.EMPTY_BUFFER,
          channel.newPromise());
      channel.flush();
    }
  }

  @Override
  public void abort() {
    ending = true;
    handler.closeNow();
  }

  private void closed() {
    timer.stop();
    worker.remove(this);
  }

  /** Netty's side of the connection. */
  private static final class Handler extends Http2ConnectionHandler {
    private @Nullable ChannelHandlerContext context;

    Handler(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      super(decoder, encoder, settings);
    }

    ChannelHandlerContext context() {
      ChannelHandlerContext known = context;
      if (known == null) {
        throw new IllegalStateException("not in a pipeline");
      }
      return known;
    }

    boolean isReady() {
      return context != null && context.channel().isActive();
    }

    /** Closes without waiting for streams. */
    void closeNow() {
      ChannelHandlerContext known = context;
      if (known != null) {
        known.close();
      }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
      context = ctx;
      super.handlerAdded(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      // Whatever it is, half a connection is of no use in HTTP/2.
      if (event instanceof ChannelInputShutdownEvent) {
        ctx.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
      if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) != null) {
        super.exceptionCaught(ctx, cause);
      } else {
        Defects.log(cause);
        ctx.close();
      }
    }
  }

  private static final class HandlerBuilder
      extends AbstractHttp2ConnectionHandlerBuilder<Handler, HandlerBuilder> {

    HandlerBuilder(Http2Client client) {
      server(true);
      frameListener(client);
      validateHeaders(true);
      gracefulShutdownTimeoutMillis(-1);
      decoderEnforceMaxRstFramesPerWindow(RESETS, RESETS_SECONDS);
      encoderEnforceMaxRstFramesPerWindow(RESETS, RESETS_SECONDS);
      decoderEnforceMaxSmallContinuationFrames(SMALL_CONTINUATIONS);
      decoderEnforceMaxConsecutiveEmptyDataFrames(EMPTY_DATA);
      initialSettings(
          Http2Settings.defaultSettings()
              .maxConcurrentStreams(STREAMS)
              .initialWindowSize(STREAM_WINDOW)
              .maxHeaderListSize(client.worker.settings().limits().head().totalBytes()));
    }

    @Override
    protected Handler build() {
      return super.build();
    }

    @Override
    protected Handler build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Handler(decoder, encoder, settings);
    }
  }
}
