package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.backend.Asker;
import dev.lockstep.agent.proxy.backend.Tunnel;
import dev.lockstep.agent.proxy.backend.Upstream;
import dev.lockstep.agent.proxy.backend.UpstreamPool;
import dev.lockstep.agent.proxy.http.FieldSink;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.agent.proxy.http.Trailers;
import dev.lockstep.agent.proxy.tls.BackendContexts;
import dev.lockstep.core.config.Backend;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response, between a client and a backend, whatever protocols these speak.
 * Both streams pass at the pace of the slower side.
 *
 * <p>A request is sent again only if nothing of it can have had an effect: to another endpoint when
 * no connection stood, and once more when a connection that had been idle closed without a byte of
 * an answer and the request is idempotent and has no body (RFC 9110 9.2.2, RFC 9112 9.3.1).
 *
 * <p>Confined to the event loop; one per client connection, used for one request after the other.
 */
public final class Exchange implements Asker {

  /** What the address look-up may take beyond the connect time-out. */
  private static final Duration LOOK_UP = Duration.ofSeconds(1);

  private final Client client;
  private final Worker worker;
  private final RequestHead request;
  private RequestGate.@Nullable Forward route;
  private @Nullable Upstream upstream;
  private int attempt;
  private int ticket;
  private boolean freshOnly;
  private boolean requestEnded;
  private boolean responded;

  /** Answers the requests of this client, one after the other. */
  public Exchange(Client client, Worker worker) {
    this.client = client;
    this.worker = worker;
    this.request = client.request();
  }

  @Override
  public RequestHead request() {
    return request;
  }

  @Override
  public void writeClaimsTo(ByteBuf out) {
    client.claims().writeTo(out, request.authority());
  }

  /** Begins with a request whose head is whole. */
  public void begin(RequestGate gate) {
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
        connect(forward);
      }
    }
  }

  private void connect(RequestGate.Forward forward) {
    Backend.Endpoint endpoint = forward.endpoints().at(forward.place() + attempt);
    UpstreamPool.Key key =
        new UpstreamPool.Key(
            forward.endpoints().backend().namespace(),
            endpoint.address(),
            endpoint.port(),
            protocol(forward));
    Upstream idle = freshOnly ? null : worker.pool().take(key);
    if (idle != null) {
      send(idle);
      client.continueBody();
      return;
    }
    Duration timeout = forward.policy().connectTimeout();
    client.timer().set(timeout.plus(LOOK_UP));
    worker.pool().connect(key, tls(forward), timeout, new Attempt(++ticket));
  }

  private Backend.Protocol protocol(RequestGate.Forward forward) {
    Backend.Protocol spoken = forward.endpoints().protocol();
    return request.upgradesToWebSocket() ? spoken.forUpgrade() : spoken;
  }

  private Optional<SslContext> tls(RequestGate.Forward forward) {
    return request.upgradesToWebSocket()
        ? forward.tls().map(BackendContexts::upgrade)
        : forward.tls().map(BackendContexts::standard);
  }

  /** Waits for a connection, unless the exchange has moved on meanwhile. */
  private final class Attempt implements UpstreamPool.Waiting {
    private final int mine;

    Attempt(int mine) {
      this.mine = mine;
    }

    @Override
    public void connected(Upstream connection) {
      if (mine != ticket) {
        connection.park();
      } else if (!worker.isAwake()) {
        // Paused while connecting: nothing has been sent, and nothing old may be.
        ticket++;
        connection.park();
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
    client.answer(answer);
    client.flush();
  }

  private void send(Upstream connection) {
    ticket++;
    upstream = connection;
    connection.begin(this);
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

  /** Sends what has been passed on of the request. */
  public void flush() {
    Upstream to = upstream;
    if (to != null) {
      to.flush();
    }
  }

  /** {@return whether more of the request's body can be passed on now} */
  public boolean takesBody() {
    Upstream to = upstream;
    return to != null && to.isWritable();
  }

  /** Passes on a part of the request's body. */
  public void requestData(ByteBuf data) {
    touch();
    Upstream to = upstream;
    if (to == null) {
      data.release();
    } else {
      to.data(data);
    }
  }

  /** The request is whole. */
  public void requestEnd(Trailers trailers) {
    requestEnded = true;
    Upstream to = upstream;
    if (to != null) {
      to.end(trailers);
    }
  }

  @Override
  public void sendClaimsTo(FieldSink sink) {
    client.claims().sendTo(sink, request.authority());
  }

  @Override
  public void interim(ResponseHead response) {
    touch();
    // It is a hint: a client that does not keep up does without.
    if (client.isWritable()) {
      client.interim(response);
    }
  }

  @Override
  public void responseHead(ResponseHead response) {
    if (!client.understands(response)) {
      drop();
      giveUp(Answer.BAD_GATEWAY);
      return;
    }
    touch();
    responded = true;
    worker.meters().responded(response.status());
    client.responseHead(response, response.framing(request).kind());
  }

  @Override
  public void responseData(ByteBuf data) {
    touch();
    client.responseData(data);
    Upstream from = upstream;
    if (from != null && !client.isWritable()) {
      from.pauseReading();
    }
  }

  @Override
  public void responseEnd(Trailers trailers) {
    Upstream done = upstream;
    upstream = null;
    if (done != null) {
      done.release(requestEnded);
    }
    client.responseEnd(trailers);
  }

  @Override
  public void responseRead() {
    client.flush();
  }

  @Override
  public void backendWritable() {
    client.continueBody();
  }

  @Override
  public Optional<Tunnel> upgraded(ResponseHead response, Channel backend) {
    RequestGate.Forward forward = route;
    if (upstream == null || forward == null) {
      return Optional.empty();
    }
    if (!client.understands(response)) {
      drop();
      giveUp(Answer.BAD_GATEWAY);
      return Optional.empty();
    }
    responded = true;
    upstream = null;
    worker.meters().responded(response.status());
    return Optional.of(client.becomeTunnel(response, backend, forward.policy().idleTimeout()));
  }

  /** The client takes bytes again. */
  public void clientWritable() {
    Upstream from = upstream;
    if (from != null) {
      touch();
      from.resumeReading();
    }
  }

  @Override
  public void lost(Loss loss) {
    Upstream gone = upstream;
    upstream = null;
    RequestGate.Forward forward = route;
    if (responded) {
      client.abort();
      return;
    }
    boolean stale = loss == Loss.SILENT && gone != null && gone.isReused();
    boolean again =
        (stale && request.isReplayable()) || (loss == Loss.REFUSED && !request.hasBody());
    if (again && !freshOnly && forward != null) {
      freshOnly = true;
      worker.meters().retried();
      connect(forward);
      return;
    }
    giveUp(Answer.BAD_GATEWAY);
  }

  /** The time that the route allows is up. */
  public void timedOut() {
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
  public void bodyFault() {
    drop();
    if (responded) {
      client.abort();
    } else {
      giveUp(Answer.BAD_BODY);
    }
  }

  /** Forgets everything: the client is gone. */
  public void drop() {
    ticket++;
    Upstream to = upstream;
    upstream = null;
    if (to != null) {
      to.close();
    }
  }
}
