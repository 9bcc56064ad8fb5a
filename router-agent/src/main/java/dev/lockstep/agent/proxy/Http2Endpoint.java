package dev.lockstep.agent.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Netty's side of an HTTP/2 connection, of either end: frames, compression of fields, flow control,
 * and bounds on what the other end may make us do. It says what has happened to a listener, and is
 * told by methods with plain names.
 *
 * <p>Confined to its event loop.
 */
public final class Http2Endpoint extends Http2ConnectionHandler {

  /** Which end of a connection we are. */
  public enum End {
    /** The other end asks. */
    SERVER,
    /** We ask. */
    CLIENT
  }

  /** Streams that the other end may have open at a time. */
  public static final int STREAMS = 100;

  /** What may come on one stream before anybody has taken any of it. */
  private static final int STREAM_WINDOW = 65_535;

  /** The same for all streams together. */
  private static final int CONNECTION_WINDOW = 1 << 20;

  /** Resets, by the other end or made necessary by it, in so many seconds (CVE-2023-44487). */
  private static final int RESETS = 200;

  private static final int RESETS_SECONDS = 30;

  /** CONTINUATION frames of less than 8 KiB in one block of fields (CVE-2024-27983). */
  private static final int SMALL_CONTINUATIONS = 16;

  private static final int EMPTY_DATA = 16;

  private final Http2Connection.PropertyKey resetKey;
  private @Nullable ChannelHandlerContext context;
  private Runnable onReadComplete = () -> {};
  private boolean failed;
  private boolean flushDue;

  private Http2Endpoint(
      Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
    super(decoder, encoder, settings);
    this.resetKey = connection().newKey();
    connection().addListener(new ResetBehindEnd());
  }

  /**
   * {@return this end of a connection} It tells this listener, and takes so many bytes of fields.
   */
  public static Http2Endpoint of(End end, Http2Listener listener, int fieldBytes) {
    Http2Endpoint endpoint = new Builder(end, listener, fieldBytes).build();
    endpoint.connection().addListener(listener);
    return endpoint;
  }

  /** Calls these when a stream takes data again, and when all that came together is read. */
  public void tell(Consumer<Http2Stream> onWritable, Runnable whenRead) {
    onReadComplete = whenRead;
    encoder()
        .flowController()
        .listener(
            stream -> {
              if (isWritable(stream)) {
                onWritable.accept(stream);
              }
            });
  }

  /** Lets more come on the connection as a whole than the protocol begins with. */
  public void widen() {
    Http2Stream whole = connection().connectionStream();
    try {
      var flow = connection().local().flowController();
      flow.incrementWindowSize(whole, CONNECTION_WINDOW - flow.windowSize(whole));
    } catch (Http2Exception e) {
      throw new IllegalStateException("a window cannot be widened", e);
    }
    context().flush();
  }

  /**
   * Sends what was written, at the end of this turn of the event loop: whatever streams are written
   * in the same turn share a record of TLS and a system call.
   */
  public void flushSoon() {
    ChannelHandlerContext known = context;
    if (known != null && !flushDue) {
      flushDue = true;
      known.executor().execute(this::flushNow);
    }
  }

  private void flushNow() {
    flushDue = false;
    ChannelHandlerContext known = context();
    if (known.channel().isActive()) {
      flush(known); // Through our own flow control, which a flush of the context passes by.
    }
  }

  /** {@return whether the stream takes data now} */
  public boolean isWritable(Http2Stream stream) {
    return encoder().flowController().isWritable(stream);
  }

  /** Lets as much more come on the stream. */
  public void consumed(Http2Stream stream, int bytes) {
    try {
      connection().local().flowController().consumeBytes(stream, bytes);
    } catch (Http2Exception e) {
      throw new IllegalStateException("more was taken than came on stream " + stream.id(), e);
    }
  }

  /** Writes fields, and with them the end of our side of the stream if it is one. */
  public void writeHeaders(int stream, Http2Headers headers, boolean end) {
    encoder().writeHeaders(context(), stream, headers, 0, end, context().newPromise());
  }

  /** Writes data, and with it the end of our side of the stream if it is one. */
  public void writeData(int stream, ByteBuf data, boolean end) {
    encoder().writeData(context(), stream, data, 0, end, context().newPromise());
  }

  /** Ends a stream at once. */
  public void reset(Http2Stream stream, Http2Error why) {
    resetStream(context(), stream.id(), why.code(), context().newPromise());
  }

  /**
   * Ends a stream, whose end we have written, as soon as that is sent: a reset takes away what
   * still waits for its window.
   */
  public void resetBehindEnd(Http2Stream stream) {
    if (stream.state() == Http2Stream.State.OPEN) {
      stream.setProperty(resetKey, Boolean.TRUE);
    } else {
      reset(stream, Http2Error.NO_ERROR);
    }
  }

  private final class ResetBehindEnd extends Http2ConnectionAdapter {

    @Override
    public void onStreamHalfClosed(Http2Stream stream) {
      if (stream.removeProperty(resetKey) != null) {
        // Not within Netty's own doing.
        context().executor().execute(() -> resetIfOpen(stream));
      }
    }
  }

  private void resetIfOpen(Http2Stream stream) {
    if (stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
      reset(stream, Http2Error.NO_ERROR);
      context().flush();
    }
  }

  /** Says that streams beyond this one are not served. */
  public void sayGoodbye(int lastStream) {
    ChannelHandlerContext known = context;
    if (known != null && known.channel().isActive()) {
      goAway(
          known, lastStream, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, known.newPromise());
      known.flush();
    }
  }

  /** Closes without waiting for streams. */
  public void closeNow() {
    ChannelHandlerContext known = context;
    if (known != null) {
      known.close();
    }
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext known = context;
    if (known == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return known;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    context = ctx;
    super.handlerAdded(ctx);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (failed) {
      in.skipBytes(in.readableBytes());
    } else {
      super.decode(ctx, in, out);
    }
  }

  /**
   * Says goodbye once, and reads no frame after it: a flood that is over would else have each of
   * its frames, as many as are on their way, judged, refused and answered.
   */
  @Override
  protected void onConnectionError(
      ChannelHandlerContext ctx,
      boolean outbound,
      Throwable cause,
      @Nullable Http2Exception http2Exception) {
    if (!failed) {
      failed = true;
      super.onConnectionError(ctx, outbound, cause, http2Exception);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    onReadComplete.run();
    super.channelReadComplete(ctx);
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

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Http2Endpoint, Builder> {

    Builder(End end, Http2Listener listener, int fieldBytes) {
      connection(connection(end));
      frameListener(listener);
      validateHeaders(true);
      gracefulShutdownTimeoutMillis(-1);
      decoderEnforceMaxRstFramesPerWindow(RESETS, RESETS_SECONDS);
      encoderEnforceMaxRstFramesPerWindow(RESETS, RESETS_SECONDS);
      decoderEnforceMaxSmallContinuationFrames(SMALL_CONTINUATIONS);
      decoderEnforceMaxConsecutiveEmptyDataFrames(EMPTY_DATA);
      Http2Settings settings =
          Http2Settings.defaultSettings()
              .initialWindowSize(STREAM_WINDOW)
              .maxHeaderListSize(fieldBytes);
      initialSettings(
          end == End.SERVER
              ? settings.maxConcurrentStreams(STREAMS).connectProtocolEnabled(true)
              : settings.pushEnabled(false));
    }

    /** One whose streams share what may be sent alike: Netty's own weighs and sorts them. */
    private static Http2Connection connection(End end) {
      Http2Connection made = new DefaultHttp2Connection(end == End.SERVER);
      made.remote()
          .flowController(
              new DefaultHttp2RemoteFlowController(made, new UniformStreamByteDistributor(made)));
      return made;
    }

    @Override
    protected Http2Endpoint build() {
      return super.build();
    }

    @Override
    protected Http2Endpoint build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Http2Endpoint(decoder, encoder, settings);
    }
  }
}
