package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.DeadlineTimer;
import dev.lockstep.agent.proxy.Http2Endpoint;
import dev.lockstep.agent.proxy.Http2Listener;
import dev.lockstep.agent.proxy.ProxyLoop;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.core.config.BackendTls;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection to a backend: gives each request a stream of its own ({@link
 * UpstreamStream}). A backend that says goodbye gets no more of them, and those that it has not
 * looked at are sent elsewhere (RFC 9113 6.8).
 *
 * <p>Confined to the event loop.
 */
final class Http2Upstream extends Http2Listener {

  /** Taken for granted until the backend has said how many streams it allows. */
  private static final int STREAMS_AT_FIRST = 100;

  private final ProxyLoop loop;
  private final String scheme;
  private final Http2Endpoint endpoint;
  private final Http2Connection.PropertyKey streamKey;
  private final DeadlineTimer idleTimer;
  private final Consumer<Http2Upstream> onClosed;
  private final Set<UpstreamStream> read = new LinkedHashSet<>();
  private @Nullable Channel channel;
  private int promised; // Streams that somebody has taken and not begun.
  private int requests;
  private boolean leaving;

  /** Tells this when it takes no more requests. */
  Http2Upstream(ProxyLoop loop, UpstreamPool.Key key, Consumer<Http2Upstream> onClosed) {
    this.loop = loop;
    this.scheme = key.protocol() instanceof BackendTls ? "https" : "http";
    this.onClosed = onClosed;
    this.endpoint =
        Http2Endpoint.of(Http2Endpoint.End.CLIENT, this, ResponseHead.LIMITS.totalBytes());
    this.streamKey = endpoint.connection().newKey();
    this.idleTimer = new DeadlineTimer(loop.executor(), this::closeIfIdle);
    endpoint.tell(this::writable, this::readComplete);
  }

  /** {@return what reads this channel, which is being opened} */
  ChannelHandler begin(Channel on) {
    channel = on;
    on.closeFuture().addListener(_ -> closed());
    return endpoint;
  }

  /** It stands: may be told how much may come. */
  void ready() {
    if (isOpen()) {
      endpoint.widen();
    }
  }

  boolean isOpen() {
    Channel on = channel;
    return on != null && on.isActive() && !leaving;
  }

  boolean hasRoom() {
    int most = Math.min(STREAMS_AT_FIRST, endpoint.connection().local().maxActiveStreams());
    return isOpen() && endpoint.connection().numActiveStreams() + promised < most;
  }

  /** {@return a stream for a request; the caller begins it or parks it} */
  UpstreamStream stream() {
    promised++;
    idleTimer.clear();
    return new UpstreamStream(this, requests > 0);
  }

  /** {@return the stream of a request that is sent now; null if there is none to be had} */
  @Nullable Http2Stream begin(UpstreamStream by, Http2Headers headers, boolean end) {
    promised--;
    requests++;
    if (!isOpen()) {
      return null;
    }
    int id = endpoint.connection().local().incrementAndGetNextStreamId();
    if (id < 0) {
      leave(); // All numbers are used up.
      return null;
    }
    endpoint.writeHeaders(id, headers, end);
    Http2Stream stream = endpoint.connection().stream(id);
    if (stream != null) {
      stream.setProperty(streamKey, by);
    }
    return stream;
  }

  void park() {
    promised--;
    closeLater();
  }

  Http2Endpoint endpoint() {
    return endpoint;
  }

  /** {@return the scheme of the connection (RFC 9113 8.3.1)} */
  String scheme() {
    return scheme;
  }

  ProxyLoop loop() {
    return loop;
  }

  void flush() {
    endpoint.flushSoon();
  }

  void close() {
    leave();
    endpoint.closeNow();
  }

  private void leave() {
    if (!leaving) {
      leaving = true;
      onClosed.accept(this);
    }
  }

  private void closed() {
    leave();
    idleTimer.stop();
  }

  private void closeLater() {
    if (endpoint.connection().numActiveStreams() + promised == 0) {
      idleTimer.set(loop.settings().timeouts().backendIdle());
    }
  }

  private void closeIfIdle() {
    if (endpoint.connection().numActiveStreams() + promised == 0) {
      close();
    }
  }

  // What the backend sends.

  private @Nullable UpstreamStream of(@Nullable Http2Stream stream) {
    return stream == null ? null : stream.getProperty(streamKey);
  }

  private @Nullable UpstreamStream of(int id) {
    UpstreamStream stream = of(endpoint.connection().stream(id));
    if (stream != null) {
      read.add(stream);
    }
    return stream;
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean end) {
    UpstreamStream stream = of(id);
    if (stream != null) {
      stream.headers(headers, end);
    }
  }

  @Override
  public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end) {
    loop.meters().receivedFromBackend(data.readableBytes());
    UpstreamStream stream = of(id);
    return stream == null ? data.readableBytes() + padding : padding + stream.data(data, end);
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int id, long error) {
    UpstreamStream stream = of(id);
    if (stream != null) {
      stream.reset(error);
    }
  }

  @Override
  public void onGoAwayRead(ChannelHandlerContext ctx, int lastStream, long error, ByteBuf debug) {
    leave();
    for (UpstreamStream stream : streamsAfter(lastStream)) {
      stream.refused();
    }
    if (endpoint.connection().numActiveStreams() == 0) {
      endpoint.closeNow();
    }
  }

  private List<UpstreamStream> streamsAfter(int last) {
    List<UpstreamStream> streams = new ArrayList<>();
    try {
      endpoint
          .connection()
          .forEachActiveStream(
              it -> {
                UpstreamStream stream = of(it);
                if (it.id() > last && stream != null) {
                  streams.add(stream);
                }
                return true;
              });
    } catch (Http2Exception e) {
      throw new IllegalStateException("nothing here throws it", e);
    }
    return streams;
  }

  @Override
  public void onStreamClosed(Http2Stream stream) {
    UpstreamStream closed = of(stream);
    if (closed != null) {
      stream.removeProperty(streamKey);
      closed.closed();
    }
    if (leaving && endpoint.connection().numActiveStreams() == 0) {
      endpoint.closeNow();
    } else {
      closeLater();
    }
  }

  private void writable(Http2Stream stream) {
    UpstreamStream waiting = of(stream);
    if (waiting != null) {
      waiting.writable();
    }
  }

  private void readComplete() {
    if (!read.isEmpty()) {
      List<UpstreamStream> all = List.copyOf(read);
      read.clear();
      all.forEach(UpstreamStream::readComplete);
    }
  }
}
