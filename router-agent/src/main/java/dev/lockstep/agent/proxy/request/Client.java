package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.DeadlineTimer;
import dev.lockstep.agent.proxy.backend.Tunnel;
import dev.lockstep.agent.proxy.http.BodyFraming;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.agent.proxy.http.Trailers;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.time.Duration;

/**
 * Who sent a request and gets its response, as an {@link Exchange} sees it: an HTTP/1.1 connection
 * or an HTTP/2 stream. It passes the request's body on by {@link Exchange#requestData} and {@link
 * Exchange#requestEnd} while {@link Exchange#takesBody}.
 *
 * <p>All methods are called on its event loop.
 */
public interface Client {

  /** {@return the request that is being answered} */
  RequestHead request();

  /** {@return what a backend is told about the client} */
  ClientClaims claims();

  /** {@return the deadline of the exchange; when it passes, {@link Exchange#timedOut} is called} */
  DeadlineTimer timer();

  /** Moves the deadline of the exchange: something has passed. */
  void touch(Duration idle);

  /** {@return whether more of the response can be written now} */
  boolean isWritable();

  /** {@return whether more of the request's body is here already} */
  boolean hasPending();

  /** Goes on with the body, as far as the backend takes it. */
  void continueBody();

  /** Writes {@code 100 Continue}. */
  void writeContinue();

  /** Writes an interim response of the backend, if the client understands those. */
  void interim(ResponseHead response);

  /** Writes the head of the backend's response, whose body ends so. */
  void responseHead(ResponseHead response, BodyFraming.Kind kind);

  /** Writes a part of the response's body. */
  void responseData(ByteBuf data);

  /** Writes the end of the response; the client may send its next request. */
  void responseEnd(Trailers trailers);

  /**
   * Answers for the backend; the connection stays if it can. {@link Notes#answering} is called
   * before anything is written.
   */
  void answer(Answer answer);

  /** Answers for the backend, and says that the client should connect anew. */
  void answerAndClose(Answer answer);

  /**
   * {@return whether the client would take this final response for what it is} A stream that asks
   * for WebSocket does not always (RFC 8441 5).
   */
  default boolean understands(ResponseHead response) {
    return true;
  }

  /** Joins the client with a backend's connection, after the response that says so. */
  Tunnel becomeTunnel(ResponseHead response, Channel backend, Duration idle);

  /** Sends what has been written. */
  void flush();

  /** Ends the response where it is: the client must see that it is not whole. */
  void abort();
}
