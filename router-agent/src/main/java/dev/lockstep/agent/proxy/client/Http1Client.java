package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.DeadlineTimer;
import dev.lockstep.agent.proxy.Defects;
import dev.lockstep.agent.proxy.account.RequestRecord;
import dev.lockstep.agent.proxy.backend.ChannelSide;
import dev.lockstep.agent.proxy.backend.Tunnel;
import dev.lockstep.agent.proxy.http.BodyFraming;
import dev.lockstep.agent.proxy.http.BodyReader;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.agent.proxy.http.Trailers;
import dev.lockstep.agent.proxy.http.Unread;
import dev.lockstep.agent.proxy.request.Answer;
import dev.lockstep.agent.proxy.request.Client;
import dev.lockstep.agent.proxy.request.ClientClaims;
import dev.lockstep.agent.proxy.request.ClientConnection;
import dev.lockstep.agent.proxy.request.Exchange;
import dev.lockstep.agent.proxy.request.RequestGate;
import dev.lockstep.agent.proxy.request.Worker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1 connection of a client: reads its requests one after the other and lets an {@link
 * Exchange} answer each. Bytes are read only while somebody can take them, so a client cannot fill
 * our memory: not with a body, not with pipelined requests, not by never reading the answers.
 *
 * <p>Confined to the event loop.
 */
public final class Http1Client extends ChannelInboundHandlerAdapter
    implements Client, ClientConnection {

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
  private final RequestGate gate;
  private final RequestHead request;
  private final Exchange exchange;
  private final Http1Writer writer;
  private final DeadlineTimer timer;
  private final BodyReader body = new BodyReader();
  private final Unread unread = new Unread();
  private @Nullable Tunnel tunnel;
  private Phase phase = Phase.HEAD;
  private boolean processing;
  private boolean retiring;
  private boolean last;
  private boolean inputEnded;

  /** Reads the requests of this channel from now on. */
  public static ClientConnection addTo(Channel channel, Worker worker, RequestGate gate) {
    Http1Client client = new Http1Client(worker, channel, gate);
    channel.pipeline().addLast(client);
    return client;
  }

  private Http1Client(Worker worker, Channel channel, RequestGate gate) {
    this.worker = worker;
    this.channel = channel;
    this.gate = gate;
    this.request = worker.newHead();
    this.exchange = new Exchange(this, worker, RequestRecord.Protocol.HTTP1);
    this.writer = new Http1Writer(channel, exchange.notes(), request, () -> last);
    this.timer = new DeadlineTimer(worker.loop(), this::onDeadline);
  }

  @Override
  public RequestHead request() {
    return request;
  }

  @Override
  public ClientClaims claims() {
    return gate.client();
  }

  @Override
  public DeadlineTimer timer() {
    return timer;
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public boolean hasPending() {
    return !unread.isEmpty();
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    worker.add(this);
    timer.set(worker.settings().timeouts().handshake().plus(worker.settings().timeouts().head()));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
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

  @Override
  public void continueBody() {
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
    boolean begins = !request.isPartial();
    return switch (request.read(unread.in())) {
      case MORE -> {
        if (begins) {
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
        exchange.proceed();
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
        exchange.requestEnd(body.trailers());
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

  @Override
  public void touch(Duration idle) {
    Duration linger = worker.settings().timeouts().linger();
    // A client that has closed its side may be gone: it gets its answer if that comes soon.
    timer.set(inputEnded && linger.compareTo(idle) < 0 ? linger : idle);
  }

  @Override
  public void writeContinue() {
    writer.goOn();
  }

  @Override
  public void interim(ResponseHead response) {
    writer.interim(response);
  }

  @Override
  public void responseHead(ResponseHead response, BodyFraming.Kind kind) {
    writer.frame(kind);
    last |= retiring || writer.endsWithConnection(kind);
    writer.head(response);
  }

  @Override
  public void responseData(ByteBuf data) {
    writer.data(data);
  }

  @Override
  public void responseEnd(Trailers trailers) {
    writer.end(trailers);
    answered();
  }

  @Override
  public void answer(Answer answer) {
    last |= retiring || phase != Phase.ANSWERING;
    writer.answer(answer);
    answered();
  }

  @Override
  public void answerAndClose(Answer answer) {
    last = true;
    answer(answer);
  }

  private void answered() {
    if (last || phase != Phase.ANSWERING) {
      finish();
      return;
    }
    phase = Phase.HEAD;
    request.reset();
    timer.set(worker.settings().timeouts().idle());
    continueBody();
  }

  /** Lets the client read the last answer: closing at once could destroy it on its way. */
  private void finish() {
    phase = Phase.CLOSING;
    unread.clear();
    timer.set(worker.settings().timeouts().linger());
    writer.endOutput(() -> inputEnded);
    updateReading();
  }

  private void inputEnded() {
    inputEnded = true;
    exchange.notes().clientEnded();
    switch (phase) {
      case HEAD -> {
        if (request.isPartial()) {
          channel.close();
        } else {
          finish();
        }
      }
      case BODY, CLOSING, TUNNEL -> channel.close();
      case ANSWERING -> {
        last = true;
        timer.set(worker.settings().timeouts().linger());
      }
    }
  }

  @Override
  public Tunnel becomeTunnel(ResponseHead response, Channel backend, Duration idle) {
    writer.upgrade(response);
    phase = Phase.TUNNEL;
    Tunnel joined = new Tunnel(new ChannelSide(channel), backend, timer, idle);
    tunnel = joined;
    unread.take().ifPresent(joined::fromClient);
    channel.config().setAutoRead(backend.isWritable());
    return joined;
  }

  @Override
  public void retire(long nanos) {
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

  @Override
  public void abort() {
    phase = Phase.CLOSING;
    channel.close();
  }

  private void onDeadline() {
    if (phase == Phase.BODY || phase == Phase.ANSWERING) {
      exchange.timedOut();
    } else if (phase == Phase.HEAD && request.isPartial()) {
      answerAndClose(Answer.REQUEST_TIMEOUT);
    } else {
      channel.close();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    boolean writable = channel.isWritable();
    if (writable && tunnel != null) {
      tunnel.clientWritable();
    } else if (writable) {
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
    Defects.log(cause);
    ctx.close();
  }
}
