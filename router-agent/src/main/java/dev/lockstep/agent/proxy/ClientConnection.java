package dev.lockstep.agent.proxy;

import dev.lockstep.agent.proxy.http.BodyReader;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.Unread;
import dev.lockstep.agent.proxy.tls.SniSelector;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client connection: reads its requests one after the other and lets an {@link Exchange} answer
 * each. Bytes are read only while somebody can take them, so a client cannot fill our memory: not
 * with a body, not with pipelined requests, not by never reading the answers.
 *
 * <p>Confined to the event loop.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter {

  private enum Phase {
    /** Between requests, or within a head. */
    HEAD,
    /** The request's body is coming. */
    BODY,
    /** The request is whole, its response is not. */
    ANSWERING,
    /** Bytes pass as they are. */
    TUNNEL,
    /** The last answer is sent; what still comes is thrown away. */
    CLOSING
  }

  private final Worker worker;
  private final Channel channel;
  private final ClientClaims claims;
  private final RequestGate gate;
  private final RequestHead request;
  private final Exchange exchange;
  private final DeadlineTimer timer;
  private final BodyReader body = new BodyReader();
  private final Unread unread = new Unread();
  private @Nullable Tunnel tunnel;
  private Phase phase = Phase.HEAD;
  private boolean processing;
  private boolean headBegun;
  private boolean retiring;
  private boolean last;
  private boolean inputEnded;

  ClientConnection(Worker worker, Channel channel, ClientClaims.Scheme scheme) {
    this.worker = worker;
    this.channel = channel;
    this.claims = new ClientClaims(scheme, channel.remoteAddress());
    this.gate = new RequestGate(worker, claims);
    this.request = new RequestHead(worker.settings().limits().head());
    this.exchange = new Exchange(this, worker, request);
    this.timer = new DeadlineTimer(worker.loop(), this::onDeadline);
    request.reset();
  }

  ClientClaims claims() {
    return claims;
  }

  DeadlineTimer timer() {
    return timer;
  }

  ByteBuf allocate() {
    return channel.alloc().buffer();
  }

  boolean isWritable() {
    return channel.isWritable();
  }

  boolean hasPending() {
    return !unread.isEmpty();
  }

  void write(ByteBuf data) {
    channel.write(data, channel.voidPromise());
  }

  void flush() {
    channel.flush();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    worker.add(this);
    timer.set(worker.settings().timeouts().handshake().plus(worker.settings().timeouts().head()));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SniSelector.Selection selection) {
      gate.opened(selection.certificate());
    } else if (event instanceof ChannelInputShutdownEvent) {
      inputEnded();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf in = (ByteBuf) msg;
    worker.meters().receivedFromClient(in.readableBytes());
    if (tunnel != null) {
      tunnel.fromClient(in);
    } else if (phase == Phase.CLOSING) {
      in.release();
    } else {
      unread.add(ctx.alloc(), in);
      process();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    exchange.flush();
    channel.flush();
  }

  /** Goes on with the body, as far as the backend takes it, unless that is being done already. */
  void continueBody() {
    if (!processing) {
      process();
      exchange.flush();
    }
  }

  private void process() {
    if (processing) {
      return;
    }
    processing = true;
    boolean going = true;
    while (going) {
      going =
          switch (phase) {
            case HEAD -> readHead();
            case BODY -> readBody();
            case ANSWERING, TUNNEL, CLOSING -> false;
          };
    }
    processing = false;
    unread.trim();
    updateReading();
  }

  private boolean readHead() {
    // A client that reads no answers gets no further requests served.
    if (!hasPending() || !channel.isWritable()) {
      return false;
    }
    return switch (request.read(unread.in())) {
      case MORE -> {
        if (!headBegun) {
          headBegun = true;
          timer.set(worker.settings().timeouts().head());
        }
        yield false;
      }
      case FAULT -> {
        answerAndClose(Answer.of(request.fault()));
        yield false;
      }
      case DONE -> {
        timer.clear();
        body.start(request.framing());
        phase = request.hasBody() ? Phase.BODY : Phase.ANSWERING;
        last = retiring || worker.isRetiring() || inputEnded || !request.keepsAlive();
        exchange.begin(gate);
        yield true;
      }
    };
  }

  private boolean readBody() {
    if (!exchange.takesBody()) {
      return false;
    }
    return switch (body.next(unread.in())) {
      case MORE -> false;
      case DATA -> {
        exchange.requestData(unread.in().readRetainedSlice(body.length()));
        yield true;
      }
      case END -> {
        phase = Phase.ANSWERING;
        exchange.requestEnd(body);
        yield false;
      }
      case FAULT -> {
        exchange.bodyFault();
        yield false;
      }
    };
  }

  private void updateReading() {
    boolean read =
        switch (phase) {
          case HEAD -> channel.isWritable();
          case BODY -> exchange.takesBody() || !hasPending();
          case ANSWERING -> !hasPending();
          case CLOSING -> true;
          case TUNNEL -> channel.config().isAutoRead();
        };
    channel.config().setAutoRead(read);
  }

  /** Moves the deadline of the exchange: something has passed. */
  void touch(Duration idle) {
    Duration linger = worker.settings().timeouts().linger();
    // A client that has closed its side may be gone: it gets its answer if that comes soon.
    timer.set(inputEnded && linger.compareTo(idle) < 0 ? linger : idle);
  }

  void writeContinue() {
    write(Unpooled.copiedBuffer("HTTP/1.1 100 Continue\r\n\r\n", StandardCharsets.US_ASCII));
    flush();
  }

  /** The connection ends with the response that is being written. */
  void keepAliveNoMore() {
    last = true;
  }

  /** Writes what the client must know about the connection. */
  void writeConnectionField(ByteBuf out) {
    last |= retiring;
    if (last) {
      out.writeCharSequence("connection: close\r\n", StandardCharsets.US_ASCII);
    } else if (!request.isHttp11()) {
      out.writeCharSequence("connection: keep-alive\r\n", StandardCharsets.US_ASCII);
    }
  }

  /** Answers for the backend; the connection stays if the whole request has been read. */
  void answer(Answer answer) {
    last |= retiring || phase != Phase.ANSWERING;
    worker.meters().responded(answer.status());
    ByteBuf out = allocate();
    worker.writeVersion(out);
    String version = out.toString(StandardCharsets.US_ASCII);
    out.release();
    Answer.Form form = last ? Answer.Form.CLOSE : Answer.Form.KEEP_ALIVE;
    write(answer.with(version).encode(channel.alloc(), form, request.isHead()));
    answered();
  }

  void answerAndClose(Answer answer) {
    keepAliveNoMore();
    answer(answer);
  }

  /** The response is written; the next request may come. */
  void answered() {
    if (last || phase != Phase.ANSWERING) {
      finish();
      return;
    }
    phase = Phase.HEAD;
    headBegun = false;
    request.reset();
    timer.set(worker.settings().timeouts().idle());
    continueBody();
  }

  /** Lets the client read the last answer: closing at once could destroy it on its way. */
  private void finish() {
    phase = Phase.CLOSING;
    unread.clear();
    timer.set(worker.settings().timeouts().linger());
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> endOutput());
    } else {
      channel.flush();
      tls.closeOutbound().addListener(_ -> endOutput());
    }
    updateReading();
  }

  private void endOutput() {
    if (inputEnded) {
      channel.close();
    } else if (channel instanceof DuplexChannel duplex && channel.isActive()) {
      duplex.shutdownOutput();
    }
  }

  private void inputEnded() {
    inputEnded = true;
    switch (phase) {
      case HEAD -> {
        if (request.isPartial()) {
          channel.close();
        } else {
          finish();
        }
      }
      case BODY, CLOSING -> channel.close();
      case ANSWERING -> {
        last = true;
        timer.set(worker.settings().timeouts().linger());
      }
      case TUNNEL -> channel.close();
    }
  }

  /** Joins this connection with a backend's. */
  Tunnel becomeTunnel(Channel backend, Duration idle) {
    phase = Phase.TUNNEL;
    Tunnel joined = new Tunnel(channel, backend, timer, idle);
    tunnel = joined;
    unread.take().ifPresent(joined::fromClient);
    channel.config().setAutoRead(backend.isWritable());
    return joined;
  }

  /** Closes after the next response, or after this many nanoseconds if there is none. */
  void retire(long nanos) {
    retiring = true;
    worker.loop().schedule(this::closeIfIdle, nanos, TimeUnit.NANOSECONDS);
  }

  private void closeIfIdle() {
    if (phase == Phase.HEAD && !request.isPartial() && channel.isActive()) {
      finish();
    } else {
      // What is being answered has perhaps been told that it may stay: it is closed all the same.
      last = true;
    }
  }

  /** Closes at once. */
  void abort() {
    phase = Phase.CLOSING;
    channel.close();
  }

  private void onDeadline() {
    switch (phase) {
      case HEAD -> {
        if (request.isPartial()) {
          answerAndClose(Answer.REQUEST_TIMEOUT);
        } else {
          channel.close();
        }
      }
      case BODY, ANSWERING -> exchange.timedOut();
      case TUNNEL, CLOSING -> channel.close();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!channel.isWritable()) {
      return;
    }
    if (tunnel != null) {
      tunnel.clientWritable();
    } else {
      exchange.clientWritable();
      continueBody();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (tunnel != null) {
      tunnel.clientEnded();
    }
    phase = Phase.CLOSING;
    exchange.drop();
    timer.stop();
    unread.clear();
    worker.remove(this);
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // A reset, a broken TLS record: nothing more can be said to this client.
    Worker.logUnexpected(cause);
    ctx.close();
  }
}
