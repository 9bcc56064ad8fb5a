package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.DeadlineTimer;
import dev.lockstep.agent.proxy.Http2Endpoint;
import dev.lockstep.agent.proxy.account.RequestRecord;
import dev.lockstep.agent.proxy.backend.Tunnel;
import dev.lockstep.agent.proxy.http.BodyFraming;
import dev.lockstep.agent.proxy.http.Head;
import dev.lockstep.agent.proxy.http.Http2Text;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.agent.proxy.http.Trailers;
import dev.lockstep.agent.proxy.request.Answer;
import dev.lockstep.agent.proxy.request.Client;
import dev.lockstep.agent.proxy.request.ClientClaims;
import dev.lockstep.agent.proxy.request.Exchange;
import dev.lockstep.agent.proxy.request.Worker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One request on an HTTP/2 stream. Its head becomes the text that HTTP/1.1 has for it and is judged
 * by the same parser; from there on it is a request like any other. Data waits here until the
 * backend takes it, at most a stream's window full, because only then the client may send more.
 *
 * <p>Confined to the event loop; used for one stream of its connection after the other.
 */
final class ClientStream implements Client {
  private static final Trailers NO_TRAILERS = new Trailers();

  private final Worker worker;
  private final Http2Client connection;
  private final RequestHead request;
  private final Exchange exchange;
  private final DeadlineTimer timer;
  private final Trailers trailers = new Trailers();
  private final Deque<ByteBuf> waiting = new ArrayDeque<>(4);
  private final StreamOutput output;
  private @Nullable Http2Stream stream;
  private boolean arrived; // Its request is whole as far as its head, and nobody was asked yet.
  private boolean inputEnded;
  private boolean requestPassed;
  private boolean passing;
  private boolean over;
  private @Nullable StreamTunnel tunnel;

  /** Makes one that has no stream yet. */
  ClientStream(Worker worker, Http2Client connection) {
    this.worker = worker;
    this.connection = connection;
    this.output = new StreamOutput(connection);
    this.request = worker.newHead();
    this.exchange = new Exchange(this, worker, RequestRecord.Protocol.HTTP2);
    this.timer = new DeadlineTimer(worker.loop(), this::onDeadline);
  }

  // What the client sends.

  /** Begins with the fields of a request. */
  void begin(Http2Stream with, Http2Headers headers, boolean end) {
    stream = with;
    inputEnded = end;
    requestPassed = false;
    output.open(with);
    over = false;
    tunnel = null;
    request.reset();
    trailers.reset();
    switch (Http2Text.asked(headers)) {
      case EXCHANGE -> {
        Http2Text.Body body = end ? Http2Text.Body.NONE : Http2Text.Body.FOLLOWS;
        go(Http2Text.readRequest(headers, body, request));
      }
      case WEBSOCKET -> {
        StreamTunnel wanted = new StreamTunnel(exchange.notes(), connection, with);
        tunnel = wanted;
        go(end ? Head.Progress.MORE : wanted.read(headers, request));
      }
      case OTHER_PROTOCOL -> answer(Answer.UNKNOWN_PROTOCOL);
    }
  }

  private void go(Head.Progress read) {
    switch (read) {
      case MORE -> malformed();
      case FAULT -> answer(Answer.of(request.fault()));
      case DONE -> {
        if (inputEnded && request.hasBody()) {
          malformed();
        } else {
          requestPassed = !request.hasBody();
          exchange.begin(connection.gate());
          arrived = true;
          connection.arrived(this);
        }
      }
    }
  }

  /** Looks for an answer, unless the request has gone since it came. */
  void proceed() {
    if (arrived && !over) {
      arrived = false;
      exchange.proceed();
      exchange.flush();
    }
  }

  /** {@return whether the client has ended its side} */
  boolean isWhole() {
    return inputEnded;
  }

  /** Takes the fields behind the body. */
  void trailers(Http2Headers headers, boolean end) {
    if (tunnel != null) {
      malformed(); // There is nothing but data (RFC 9113 8.5).
      return;
    }
    if (end && Http2Text.readTrailers(headers, trailers)) {
      inputEnded = true;
      continueBody();
    } else {
      malformed();
    }
  }

  /** {@return how much of it nobody will take} */
  int data(ByteBuf data, boolean end) {
    inputEnded |= end;
    int length = data.readableBytes();
    StreamTunnel through = tunnel;
    if (through != null && !over) {
      return through.data(data, end);
    }
    if (over || requestPassed) {
      return length;
    }
    if (length > 0) {
      waiting.addLast(data.retain());
    }
    continueBody();
    return 0;
  }

  @Override
  public void continueBody() {
    Http2Stream on = stream;
    if (passing || over || on == null) {
      return;
    }
    passing = true;
    boolean taken = false;
    while (!waiting.isEmpty() && exchange.takesBody()) {
      ByteBuf next = waiting.removeFirst();
      endpoint().consumed(on, next.readableBytes());
      exchange.requestData(next);
      taken = true;
    }
    if (waiting.isEmpty() && inputEnded && !requestPassed && exchange.takesBody()) {
      requestPassed = true;
      exchange.requestEnd(trailers);
    }
    passing = false;
    exchange.flush();
    if (taken) {
      connection.flush();
    }
  }

  private void malformed() {
    exchange.malformed();
    reset(Http2Error.PROTOCOL_ERROR);
  }

  // What the exchange asks.

  @Override
  public RequestHead request() {
    return request;
  }

  @Override
  public ClientClaims claims() {
    return connection.gate().client();
  }

  @Override
  public DeadlineTimer timer() {
    return timer;
  }

  @Override
  public void touch(Duration idle) {
    timer.set(idle);
  }

  @Override
  public boolean isWritable() {
    Http2Stream on = stream;
    return on != null && endpoint().isWritable(on);
  }

  @Override
  public boolean hasPending() {
    return !waiting.isEmpty();
  }

  @Override
  public void writeContinue() {
    output.head(StreamOutput.headers().status(HttpResponseStatus.CONTINUE.codeAsText()), false);
    connection.flush();
  }

  @Override
  public void interim(ResponseHead response) {
    exchange.notes().passesOn(response.status());
    Http2Headers headers = StreamOutput.headers().status(Integer.toString(response.status()));
    response.sendTo(headers::add);
    output.head(headers, false);
  }

  @Override
  public void responseHead(ResponseHead response, BodyFraming.Kind kind) {
    Http2Headers headers = StreamOutput.headers().status(Integer.toString(response.status()));
    response.sendTo(headers::add);
    exchange.notes().own().sendTo(headers::add);
    output.head(headers, kind == BodyFraming.Kind.NONE);
  }

  @Override
  public void responseData(ByteBuf data) {
    output.data(data);
  }

  @Override
  public void responseEnd(Trailers behind) {
    if (stream != null && !over) {
      output.end(behind);
      ended();
    }
  }

  @Override
  public void answer(Answer answer) {
    if (stream == null || over) {
      return;
    }
    exchange.notes().answering(answer);
    Http2Headers headers = StreamOutput.headers().status(Integer.toString(answer.status()));
    answer.sendTo(headers::add);
    exchange.notes().own().sendTo(headers::add);
    boolean noBody = !answer.hasBody() || request.isHead();
    output.head(headers, noBody);
    if (!noBody) {
      output.data(ByteBufUtil.writeUtf8(PooledByteBufAllocator.DEFAULT, answer.body()));
      output.end(NO_TRAILERS);
    }
    ended();
    connection.flush();
  }

  @Override
  public void answerAndClose(Answer answer) {
    answer(answer);
    connection.end();
  }

  @Override
  public boolean understands(ResponseHead response) {
    StreamTunnel wanted = tunnel;
    return wanted == null || wanted.understands(response);
  }

  @Override
  public Tunnel becomeTunnel(ResponseHead response, Channel backend, Duration idle) {
    StreamTunnel wanted = tunnel;
    if (wanted == null) {
      throw new IllegalStateException("the stream has not asked for it");
    }
    return wanted.join(response, backend, timer, idle);
  }

  @Override
  public void flush() {
    output.release();
    connection.flush();
  }

  @Override
  public void abort() {
    reset(Http2Error.INTERNAL_ERROR);
  }

  // How it ends.

  /** The response is whole. A client that still sends a body shall stop (RFC 9113 8.1). */
  private void ended() {
    over = true;
    Http2Stream on = stream;
    if (on != null && !endpoint().isWritable(on)) {
      // What is left of it waits for the client alone.
      timer.set(worker.settings().timeouts().stall());
    }
    if (!inputEnded && on != null) {
      endpoint().resetBehindEnd(on);
    }
  }

  private void reset(Http2Error why) {
    Http2Stream on = stream;
    if (on != null && !over) {
      over = true;
      timer.set(worker.settings().timeouts().stall());
      endpoint().reset(on, why);
      connection.flush();
    }
  }

  /** The stream is closed, whoever did it. */
  void closed() {
    over = true;
    arrived = false;
    StreamTunnel through = tunnel;
    tunnel = null;
    if (through != null) {
      through.closed();
    }
    stream = null;
    timer.clear();
    exchange.drop();
    waiting.forEach(ByteBuf::release);
    waiting.clear();
    output.close();
  }

  /** No stream will use this any more: nothing on the event loop may hold it. */
  void discard() {
    timer.stop();
  }

  /** The client takes data again. */
  void writable() {
    StreamTunnel through = tunnel;
    if (through == null || !through.clientWritable()) {
      exchange.clientWritable();
    }
  }

  /** What is over and still there waits for the client: for its window, or for its socket. */
  private void onDeadline() {
    StreamTunnel through = tunnel;
    Http2Stream on = stream;
    if (!over && through != null && through.timedOut()) {
      over = true;
      timer.set(worker.settings().timeouts().stall());
    } else if (!over) {
      exchange.timedOut();
    } else if (on != null && !on.isResetSent()) {
      over = false;
      reset(Http2Error.CANCEL);
    } else if (on != null) {
      connection.abort();
    }
  }

  private Http2Endpoint endpoint() {
    return connection.endpoint();
  }
}
