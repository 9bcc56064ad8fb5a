package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.DeadlineTimer;
import dev.lockstep.agent.proxy.Http2Endpoint;
import dev.lockstep.agent.proxy.backend.Tunnel;
import dev.lockstep.agent.proxy.http.Head;
import dev.lockstep.agent.proxy.http.Http2Text;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.agent.proxy.request.Notes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/2 stream that asks for WebSocket (RFC 8441 5): what the handshake of HTTP/1.1 has and
 * this one has not, and the client's side of the tunnel that comes of it. What the backend has not
 * taken is not given back to the stream's window, so at most a window full waits.
 *
 * <p>Confined to the event loop.
 */
final class StreamTunnel implements Tunnel.Side {
  private final Notes notes;
  private final Http2Client connection;
  private final Http2Stream stream;
  private final WebSocketKey key = WebSocketKey.fresh();
  private final Deque<ByteBuf> early = new ArrayDeque<>(4);
  private @Nullable Tunnel tunnel;
  private boolean paused;
  private boolean inputEnded;
  private boolean ended;
  private int unconsumed;

  /** Of this stream, which has sent its fields, and of whose request this is noted. */
  StreamTunnel(Notes notes, Http2Client connection, Http2Stream stream) {
    this.notes = notes;
    this.connection = connection;
    this.stream = stream;
  }

  /** Reads the fields as a handshake of HTTP/1.1; {@return MORE if they are none} */
  Head.Progress read(Http2Headers headers, RequestHead request) {
    ByteBuf text = PooledByteBufAllocator.DEFAULT.buffer();
    try {
      Head.Progress read =
          Http2Text.writeHandshake(headers, key.text(), text)
              ? request.read(text)
              : Head.Progress.MORE;
      boolean other = read == Head.Progress.DONE && !request.upgradesToWebSocket();
      return other ? Head.Progress.MORE : read;
    } finally {
      text.release();
    }
  }

  /**
   * {@return whether the client would take this final response for what it is} It takes any 2xx for
   * a consent, and cannot see whether the backend has meant its handshake.
   */
  boolean understands(ResponseHead response) {
    return response.status() == 101 ? response.consents(key.accept()) : response.status() >= 300;
  }

  /** Joins the stream with a backend that has consented. What has come meanwhile goes first. */
  Tunnel join(ResponseHead response, Channel backend, DeadlineTimer timer, Duration idle) {
    writeConsent(response);
    Tunnel joined = new Tunnel(this, backend, timer, idle);
    tunnel = joined;
    while (!early.isEmpty()) {
      ByteBuf data = early.removeFirst();
      unconsumed += data.readableBytes();
      joined.fromClient(data);
    }
    if (!paused) {
      resumeReading();
    }
    if (inputEnded) {
      joined.clientHalfEnded();
    }
    return joined;
  }

  private void writeConsent(ResponseHead response) {
    Http2Headers headers =
        new DefaultHttp2Headers(false).status(HttpResponseStatus.OK.codeAsText());
    response.sendTo(
        (name, value) -> {
          if (!name.equals(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT)) {
            headers.add(name, value);
          }
        });
    notes.own().sendTo(headers::add);
    endpoint().writeHeaders(stream.id(), headers, false);
    connection.flush();
  }

  /** Takes data of the client; {@return how much of it may be sent again} */
  int data(ByteBuf data, boolean end) {
    int length = data.readableBytes();
    inputEnded |= end;
    Tunnel joined = tunnel;
    if (ended) {
      return length;
    }
    if (joined == null) {
      early.addLast(data.retain());
      return 0;
    }
    joined.fromClient(data.retain());
    if (end) {
      joined.clientHalfEnded();
    }
    unconsumed += paused ? length : 0;
    return paused ? 0 : length;
  }

  /** The client takes data again; {@return whether there is a tunnel that wants to know} */
  boolean clientWritable() {
    Tunnel joined = tunnel;
    if (joined != null) {
      joined.clientWritable();
    }
    return joined != null;
  }

  /** The time is up; {@return whether that has ended a tunnel} */
  boolean timedOut() {
    Tunnel joined = tunnel;
    if (joined != null) {
      joined.cut();
    }
    return joined != null;
  }

  /** The stream is closed, whoever did it. */
  void closed() {
    ended = true;
    early.forEach(ByteBuf::release);
    early.clear();
    Tunnel joined = tunnel;
    if (joined != null) {
      joined.clientEnded();
    }
  }

  // What the tunnel wants.

  @Override
  public void write(ByteBuf data) {
    if (ended) {
      data.release();
    } else {
      endpoint().writeData(stream.id(), data, false);
      connection.flush();
    }
  }

  @Override
  public boolean isWritable() {
    return !ended && endpoint().isWritable(stream);
  }

  @Override
  public void pauseReading() {
    paused = true;
  }

  @Override
  public void resumeReading() {
    paused = false;
    if (unconsumed > 0 && !ended) {
      endpoint().consumed(stream, unconsumed);
      connection.flush();
    }
    unconsumed = 0;
  }

  @Override
  public void end() {
    if (!ended) {
      // The client ends its own side then; if it never does, the time of the tunnel will be up.
      ended = true;
      endpoint().writeData(stream.id(), Unpooled.EMPTY_BUFFER, true);
      connection.flush();
    }
  }

  @Override
  public void cut() {
    ended = true;
    endpoint().reset(stream, Http2Error.CANCEL);
    connection.flush();
  }

  private Http2Endpoint endpoint() {
    return connection.endpoint();
  }
}
