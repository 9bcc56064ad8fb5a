package dev.lockstep.agent.proxy;

import dev.lockstep.agent.proxy.http.BodyFraming;
import dev.lockstep.agent.proxy.http.BodyReader;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.core.config.Backend;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response, between a client connection and a backend connection. Both streams
 * pass at the pace of the slower side.
 *
 * <p>A request is sent again only if nothing of it can have had an effect: to another endpoint when
 * no connection stood, and once more when a connection that had been idle closed without a byte of
 * an answer and the request is idempotent and has no body (RFC 9110 9.2.2, RFC 9112 9.3.1).
 *
 * <p>Confined to the event loop; one per client connection, used for one request after the other.
 */
final class Exchange {

  /** How a backend connection was lost. */
  enum Loss {
    /** It closed before a byte of the answer came. */
    SILENT,
    /** It closed, or spoke nonsense, within the answer. */
    ANSWERED
  }

  /** What the address look-up may take beyond the connect time-out. */
  private static final Duration LOOK_UP = Duration.ofSeconds(1);

  private final ClientConnection client;
  private final Worker worker;
  private final RequestHead request;
  private RequestGate.@Nullable Forward route;
  private @Nullable UpstreamConnection upstream;
  private @Nullable ByteBuf head;
  private int attempt;
  private int ticket;
  private boolean freshOnly;
  private boolean requestEnded;
  private boolean responded;
  private boolean chunkedToClient;

  Exchange(ClientConnection client, Worker worker, RequestHead request) {
    this.client = client;
    this.worker = worker;
    this.request = request;
  }

  ClientConnection client() {
    return client;
  }

  RequestHead request() {
    return request;
  }

  /** Begins with a request whose head is whole. */
  void begin(RequestGate gate) {
    attempt = 0;
    freshOnly = false;
    requestEnded = !request.hasBody();
    responded = false;
    if (!worker.admits()) {
      client.answerAndClose(Answer.REFUSED);
      return;
    }
    switch (gate.decide(request)) {
      case Answer answer -> client.answer(answer);
      case RequestGate.Forward forward -> {
        route = forward;
        head = encodeHead();
        connect(forward);
      }
    }
  }

  private ByteBuf encodeHead() {
    ByteBuf out = client.allocate();
    request.writeLineTo(out);
    client.claims().writeTo(out, request.authority());
    request.writeFieldsTo(out);
    return out;
  }

  private void connect(RequestGate.Forward forward) {
    Backend.Endpoint endpoint = forward.endpoints().at(forward.place() + attempt);
    UpstreamPool.Key key =
        new UpstreamPool.Key(
            forward.endpoints().backend().namespace(), endpoint.address(), endpoint.port());
    UpstreamConnection idle = freshOnly ? null : worker.pool().take(key);
    if (idle != null) {
      send(idle);
      client.continueBody();
      return;
    }
    Duration timeout = forward.policy().connectTimeout();
    client.timer().set(timeout.plus(LOOK_UP));
    worker.pool().connect(key, timeout, new Attempt(++ticket));
  }

  /** Waits for a connection, unless the exchange has moved on meanwhile. */
  private final class Attempt implements UpstreamPool.Waiting {
    private final int mine;

    Attempt(int mine) {
      this.mine = mine;
    }

    @Override
    public void connected(UpstreamConnection connection) {
      if (mine != ticket) {
        connection.park();
      } else if (!worker.isAwake()) {
        // Paused while connecting: nothing has been sent, and nothing old may be.
        ticket++;
        connection.park();
        releaseHead();
        client.answerAndClose(Answer.REFUSED);
      } else {
        send(connection);
        client.continueBody();
        flush();
      }
    }

    @Override
    public void failed(UpstreamPool.Failure failure) {
      if (mine == ticket) {
        connectFailed(failure);
      }
    }
  }

  private void connectFailed(UpstreamPool.Failure failure) {
    ticket++;
    RequestGate.Forward forward = route;
    int attempts = worker.settings().limits().attempts();
    attempt++;
    if (forward != null && attempt < Math.min(attempts, forward.endpoints().size())) {
      worker.meters().retried();
      connect(forward);
      return;
    }
    giveUp(failure == UpstreamPool.Failure.TIMEOUT ? Answer.GATEWAY_TIMEOUT : Answer.BAD_GATEWAY);
  }

  private void giveUp(Answer answer) {
    releaseHead();
    client.answer(answer);
    client.flush();
  }

  private void send(UpstreamConnection connection) {
    ticket++;
    upstream = connection;
    connection.begin(this);
    ByteBuf sent = head;
    if (sent == null) {
      throw new IllegalStateException("no head to send");
    }
    if (request.isReplayable()) {
      connection.write(sent.retainedDuplicate());
    } else {
      head = null;
      connection.write(sent);
    }
    touch();
    if (request.expectsContinue() && !client.hasPending()) {
      client.writeContinue();
    }
  }

  private void touch() {
    RequestGate.Forward forward = route;
    if (forward != null) {
      client.touch(forward.policy().idleTimeout());
    }
  }

  void flush() {
    UpstreamConnection to = upstream;
    if (to != null) {
      to.flush();
    }
  }

  /** {@return whether more of the request's body can be passed on now} */
  boolean takesBody() {
    UpstreamConnection to = upstream;
    return to != null && to.isWritable();
  }

  /** Passes on a part of the request's body. */
  void requestData(ByteBuf data) {
    touch();
    UpstreamConnection to = upstream;
    if (to == null) {
      data.release();
      return;
    }
    if (request.framing().kind() == BodyFraming.Kind.CHUNKED) {
      to.write(chunkStart(data.readableBytes()));
      to.write(data);
      to.write(chunkEnd());
    } else {
      to.write(data);
    }
  }

  /** The request is whole. */
  void requestEnd(BodyReader body) {
    requestEnded = true;
    UpstreamConnection to = upstream;
    if (to != null && request.framing().kind() == BodyFraming.Kind.CHUNKED) {
      ByteBuf out = client.allocate();
      body.writeEndTo(out);
      to.write(out);
    }
  }

  private ByteBuf chunkStart(int length) {
    ByteBuf out = client.allocate();
    out.writeCharSequence(Integer.toHexString(length) + "\r\n", StandardCharsets.US_ASCII);
    return out;
  }

  private ByteBuf chunkEnd() {
    return client.allocate().writeByte('\r').writeByte('\n');
  }

  /** The head of the final response has come. */
  void responseHead(ResponseHead response) {
    touch();
    responded = true;
    releaseHead();
    worker.meters().responded(response.status());
    ByteBuf out = client.allocate();
    response.writeTo(out);
    worker.writeVersion(out);
    BodyFraming.Kind kind = response.framing(request).kind();
    boolean unknownLength =
        kind == BodyFraming.Kind.CHUNKED || kind == BodyFraming.Kind.UNTIL_CLOSE;
    chunkedToClient = unknownLength && request.isHttp11();
    if (unknownLength && !chunkedToClient) {
      client.keepAliveNoMore();
    }
    if (chunkedToClient) {
      out.writeCharSequence("transfer-encoding: chunked\r\n", StandardCharsets.US_ASCII);
    }
    client.writeConnectionField(out);
    out.writeByte('\r').writeByte('\n');
    client.write(out);
  }

  /** A part of the response's body has come. */
  void responseData(ByteBuf data) {
    touch();
    if (chunkedToClient) {
      client.write(chunkStart(data.readableBytes()));
      client.write(data);
      client.write(chunkEnd());
    } else {
      client.write(data);
    }
    UpstreamConnection from = upstream;
    if (from != null && !client.isWritable()) {
      from.pauseReading();
    }
  }

  /** The response is whole. */
  void responseEnd(BodyReader body) {
    if (chunkedToClient) {
      ByteBuf out = client.allocate();
      body.writeEndTo(out);
      client.write(out);
    }
    UpstreamConnection done = upstream;
    upstream = null;
    if (done != null) {
      done.release(requestEnded);
    }
    client.answered();
  }

  /** The backend speaks WebSocket from now on. */
  void upgraded(ResponseHead response) {
    UpstreamConnection to = upstream;
    RequestGate.Forward forward = route;
    if (to == null || forward == null) {
      return;
    }
    responded = true;
    releaseHead();
    worker.meters().responded(response.status());
    ByteBuf out = client.allocate();
    response.writeTo(out);
    worker.writeVersion(out);
    out.writeCharSequence(
        "connection: upgrade\r\nupgrade: websocket\r\n\r\n", StandardCharsets.US_ASCII);
    client.write(out);
    upstream = null;
    Tunnel tunnel = client.becomeTunnel(to.channel(), forward.policy().idleTimeout());
    to.become(tunnel);
  }

  /** The client takes bytes again. */
  void clientWritable() {
    UpstreamConnection from = upstream;
    if (from != null) {
      touch();
      from.resumeReading();
    }
  }

  /** The backend connection is gone before the response was whole. */
  void lost(Loss loss) {
    UpstreamConnection gone = upstream;
    upstream = null;
    RequestGate.Forward forward = route;
    if (responded) {
      client.abort();
      return;
    }
    boolean stale = loss == Loss.SILENT && gone != null && gone.isReused();
    if (stale && head != null && forward != null) {
      freshOnly = true;
      worker.meters().retried();
      connect(forward);
      return;
    }
    giveUp(Answer.BAD_GATEWAY);
  }

  /** The time that the route allows is up. */
  void timedOut() {
    if (responded) {
      client.abort();
      return;
    }
    if (upstream == null) {
      connectFailed(UpstreamPool.Failure.TIMEOUT);
      return;
    }
    boolean waitsForClient = !requestEnded && takesBody();
    drop();
    giveUp(waitsForClient ? Answer.REQUEST_TIMEOUT : Answer.GATEWAY_TIMEOUT);
  }

  /** The request's body is broken. */
  void bodyFault() {
    drop();
    if (responded) {
      client.abort();
    } else {
      giveUp(Answer.BAD_BODY);
    }
  }

  /** Forgets everything: the client is gone. */
  void drop() {
    ticket++;
    releaseHead();
    UpstreamConnection to = upstream;
    upstream = null;
    if (to != null) {
      to.close();
    }
  }

  private void releaseHead() {
    ByteBuf drop = head;
    head = null;
    if (drop != null) {
      drop.release();
    }
  }
}
