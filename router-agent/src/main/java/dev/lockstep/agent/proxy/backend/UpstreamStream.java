package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.http.BodyFraming;
import dev.lockstep.agent.proxy.http.Head;
import dev.lockstep.agent.proxy.http.Http2Text;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.agent.proxy.http.Trailers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * One request on an HTTP/2 connection to a backend. What comes back becomes the text that HTTP/1.1
 * has for it and is read by the same parser.
 *
 * <p>Confined to the event loop.
 */
final class UpstreamStream implements Upstream {
  private final Http2Upstream connection;
  private final boolean reused;
  private final ResponseHead response = new ResponseHead();
  private final Trailers trailers = new Trailers();
  private @Nullable Asker asker;
  private @Nullable Asker hears;
  private @Nullable Http2Stream stream;
  private boolean headRead;
  private boolean paused;
  private int interims;
  private int unconsumed;
  private long left; // Bytes of the body to come; negative if nobody knows.

  /** Makes one that is not begun; {@code reused} if its connection has carried others. */
  UpstreamStream(Http2Upstream connection, boolean reused) {
    this.connection = connection;
    this.reused = reused;
  }

  // What the asker wants.

  @Override
  public void begin(Asker by) {
    asker = by;
    hears = by;
    response.reset();
    RequestHead request = by.request();
    Http2Headers headers =
        new DefaultHttp2Headers(false)
            .method(request.method())
            .scheme(connection.scheme())
            .path(request.target().withQuery())
            .authority(request.authority().text());
    by.sendClaimsTo(headers::add);
    request.sendFieldsTo(headers::add);
    Http2Stream begun = connection.begin(this, headers, !request.hasBody());
    stream = begun;
    if (begun == null) {
      // Not now: the asker is in the middle of handing over its request.
      connection.loop().executor().execute(this::refused);
    }
  }

  @Override
  public void data(ByteBuf data) {
    Http2Stream on = stream;
    if (on == null || asker == null) {
      data.release();
    } else {
      connection.endpoint().writeData(on.id(), data, false);
    }
  }

  @Override
  public void end(Trailers behind) {
    Http2Stream on = stream;
    if (on == null || asker == null) {
      return;
    }
    if (behind.isEmpty()) {
      connection.endpoint().writeData(on.id(), Unpooled.EMPTY_BUFFER, true);
    } else {
      Http2Headers headers = new DefaultHttp2Headers(false);
      behind.sendTo(headers::add);
      connection.endpoint().writeHeaders(on.id(), headers, true);
    }
  }

  @Override
  public boolean isWritable() {
    Http2Stream on = stream;
    return on != null && connection.endpoint().isWritable(on);
  }

  @Override
  public boolean isReused() {
    return reused;
  }

  @Override
  public void flush() {
    connection.flush();
  }

  @Override
  public void pauseReading() {
    paused = true;
  }

  @Override
  public void resumeReading() {
    paused = false;
    Http2Stream on = stream;
    if (on != null && unconsumed > 0) {
      connection.endpoint().consumed(on, unconsumed);
      unconsumed = 0;
      connection.flush();
    }
  }

  @Override
  public void release(boolean requestWasWhole) {
    asker = null;
    if (!requestWasWhole) {
      end(Http2Error.NO_ERROR);
    }
  }

  @Override
  public void park() {
    connection.park();
  }

  @Override
  public void close() {
    asker = null;
    end(Http2Error.CANCEL);
  }

  private void end(Http2Error why) {
    Http2Stream on = stream;
    stream = null;
    if (on != null) {
      connection.endpoint().reset(on, why);
      connection.flush();
    }
  }

  // What the backend sends.

  void headers(Http2Headers headers, boolean end) {
    Asker asking = asker;
    if (asking == null) {
      return;
    }
    if (headRead) {
      trailers(asking, headers, end);
      return;
    }
    response.reset();
    Http2Text.Body body = end ? Http2Text.Body.NONE : Http2Text.Body.FOLLOWS;
    if (!read(headers, body) || response.status() == 101) {
      broken(asking);
    } else if (response.isInterim()) {
      if (end || ++interims > ResponseHead.MAX_INTERIM) {
        broken(asking);
      } else if (response.isHint()) {
        asking.interim(response);
      }
    } else {
      headRead = true;
      head(asking, end);
    }
  }

  private void head(Asker asking, boolean end) {
    if (end) {
      response.endHere();
    }
    BodyFraming framing = response.framing(asking.request());
    left =
        switch (framing.kind()) {
          case NONE -> 0;
          case LENGTH -> framing.length();
          case CHUNKED, UNTIL_CLOSE -> -1;
        };
    asking.responseHead(response);
    if (end) {
      end(asking);
    }
  }

  private boolean read(Http2Headers headers, Http2Text.Body body) {
    ByteBuf text = PooledByteBufAllocator.DEFAULT.buffer();
    try {
      return Http2Text.writeResponse(headers, body, text)
          && response.read(text) == Head.Progress.DONE;
    } finally {
      text.release();
    }
  }

  private void trailers(Asker asking, Http2Headers headers, boolean end) {
    ByteBuf text = PooledByteBufAllocator.DEFAULT.buffer();
    boolean correct =
        end && Http2Text.writeTrailers(headers, text) && trailers.read(text) == Head.Progress.DONE;
    text.release();
    if (correct) {
      end(asking);
    } else {
      broken(asking);
    }
  }

  private void end(Asker asking) {
    if (left > 0) {
      broken(asking);
      return;
    }
    asker = null;
    asking.responseEnd(trailers);
  }

  /** {@return how much of it may be sent again} */
  int data(ByteBuf data, boolean end) {
    Asker asking = asker;
    int length = data.readableBytes();
    if (asking == null) {
      return length;
    }
    boolean tooMuch = left >= 0 && length > left;
    if (!headRead || tooMuch) {
      broken(asking);
      return length;
    }
    left -= left < 0 ? 0 : length;
    if (length > 0) {
      asking.responseData(data.retain());
    }
    if (end && asker != null) {
      end(asking);
    }
    if (paused) {
      unconsumed += length;
    }
    return paused ? 0 : length;
  }

  void reset(long error) {
    Asker asking = asker;
    // Who has begun to answer has looked at the request, whatever it says.
    boolean begun = headRead || interims > 0;
    boolean refused = error == Http2Error.REFUSED_STREAM.code() && !begun;
    if (asking != null) {
      lost(asking, refused ? Asker.Loss.REFUSED : Asker.Loss.ANSWERED);
    }
  }

  /** The backend has not looked at the request, and will not. */
  void refused() {
    Asker asking = asker;
    if (asking != null) {
      lost(asking, Asker.Loss.REFUSED);
    }
  }

  /** The stream is over, whoever ended it. */
  void closed() {
    stream = null;
    Asker asking = asker;
    if (asking != null) {
      lost(asking, headRead ? Asker.Loss.ANSWERED : Asker.Loss.SILENT);
    }
  }

  private void broken(Asker asking) {
    end(Http2Error.PROTOCOL_ERROR);
    lost(asking, Asker.Loss.MALFORMED);
  }

  private void lost(Asker asking, Asker.Loss loss) {
    asker = null;
    asking.lost(loss);
    asking.responseRead();
  }

  void writable() {
    Asker asking = asker;
    if (asking != null) {
      asking.backendWritable();
    }
  }

  void readComplete() {
    Asker told = hears;
    if (told != null) {
      told.responseRead();
    }
  }
}
