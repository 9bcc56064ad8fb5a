package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.http.Trailers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is written of an answer on a stream. The last piece of data waits for the next one or for
 * {@link #release}: it may be the end, which then needs no frame of its own.
 *
 * <p>Confined to the event loop; used for one stream of its connection after the other.
 */
final class StreamOutput {
  private final Http2Client connection;
  private @Nullable Http2Stream stream;
  private @Nullable ByteBuf held;
  private boolean ended;

  /** Makes one that has no stream yet. */
  StreamOutput(Http2Client connection) {
    this.connection = connection;
  }

  /** {@return no fields yet} */
  static Http2Headers headers() {
    return new DefaultHttp2Headers(false);
  }

  /** Writes on this stream from now on. */
  void open(Http2Stream on) {
    stream = on;
    ended = false;
  }

  /** Writes the head of an answer, and with it its end if it has no body. */
  void head(Http2Headers headers, boolean end) {
    Http2Stream on = stream;
    if (on != null) {
      ended |= end;
      connection.endpoint().writeHeaders(on.id(), headers, end);
    }
  }

  /** Takes a piece of the body. */
  void data(ByteBuf data) {
    write(false);
    held = data;
  }

  /** Ends the answer, unless its head was the end. */
  void end(Trailers behind) {
    if (ended) {
      return;
    }
    if (behind.isEmpty()) {
      held = held == null ? Unpooled.EMPTY_BUFFER : held;
      write(true);
    } else {
      write(false);
      Http2Headers fields = headers();
      behind.sendTo(fields::add);
      head(fields, true);
    }
  }

  /** Writes what waits. */
  void release() {
    write(false);
  }

  /** Forgets what waits: the stream is closed. */
  void close() {
    stream = null;
    if (held != null) {
      held.release();
      held = null;
    }
  }

  private void write(boolean end) {
    ByteBuf data = held;
    Http2Stream on = stream;
    if (data != null && on != null) {
      held = null;
      connection.endpoint().writeData(on.id(), data, end);
    }
  }
}
