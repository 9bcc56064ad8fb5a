package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.http.FieldSink;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.agent.proxy.http.Trailers;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Optional;

/**
 * Who has sent a request over an {@link Upstream}, and hears what comes back.
 *
 * <p>All methods are called on its event loop.
 */
public interface Asker {

  /** How a way to a backend was lost. */
  enum Loss {
    /** It said that it has not looked at the request (RFC 9113 8.7). */
    REFUSED,
    /** It closed before a byte of the answer came. */
    SILENT,
    /** It closed, or took the request back, within the answer. */
    ANSWERED,
    /** What it sent is no answer that can be read in one way only. */
    MALFORMED
  }

  /** {@return the request} */
  RequestHead request();

  /** Writes what a backend is told about the client, as header fields. */
  void writeClaimsTo(ByteBuf out);

  /** Hands on what a backend is told about the client, field by field. */
  void sendClaimsTo(FieldSink sink);

  /** An interim response has come; it asks for nothing, and the final one follows. */
  void interim(ResponseHead response);

  /** The head of the final response has come. */
  void responseHead(ResponseHead response);

  /** A part of the response's body has come; it belongs to the asker from now on. */
  void responseData(ByteBuf data);

  /** The response is whole. */
  void responseEnd(Trailers trailers);

  /**
   * The backend speaks WebSocket from now on.
   *
   * @return what its bytes go through, unless the asker has gone
   */
  Optional<Tunnel> upgraded(ResponseHead response, Channel backend);

  /** All that came together has been handed on. */
  void responseRead();

  /** The backend takes more of the request. */
  void backendWritable();

  /** The way is gone before the response was whole. */
  void lost(Loss loss);
}
