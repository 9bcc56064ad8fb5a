package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.backend.Asker;
import dev.lockstep.agent.proxy.backend.Claim;
import dev.lockstep.agent.proxy.backend.Tunnel;
import dev.lockstep.agent.proxy.backend.Upstream;
import dev.lockstep.agent.proxy.health.EndpointOrder;
import dev.lockstep.agent.proxy.http.FieldSink;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.agent.proxy.http.Trailers;
import dev.lockstep.core.config.Backend;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
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

  private final Client client;
  private final Worker worker;
  private final RequestHead request;
  private final Claim claim;
  private RequestGate.@Nullable Forward route;
  private @Nullable Upstream upstream;
  private boolean requestEnded;
  private boolean responded;

  /** Answers the requests of this client, one after the other. */
  public Exchange(Client client, Worker worker) {
    this.client = client;
    this.worker = worker;
    this.request = client.request();
    this.claim = worker.pool().claim(new Claimant());
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
        claim.begin(forward.endpoints(), forward.policy().connectTimeout(), protocol(forward));
      }
    }
  }

  /** An upgrade begins as HTTP/1.1, whatever else the backend speaks (RFC 6455 1.7). */
  private Backend.Protocol protocol(RequestGate.Forward forward) {
    return request.upgradesToWebSocket() ? Backend.Protocol.HTTP1 : forward.endpoints().protocol();
  }

  /** The exchange, as the way to a connection sees it. */
  private final class Claimant implements Claim.Claimant {

    @Override
    public void granted(Upstream way) {
      send(way);
      client.continueBody();
    }

    @Override
    public void grantedLater(Upstream way) {
      if (worker.isAwake()) {
        granted(way);
        flush();
      } else {
        // Paused meanwhile: nothing has been sent, and nothing old may be.
        way.park();
        claim.end();
        client.answerAndClose(Answer.REFUSED);
      }
    }

    @Override
    public void refused(Claim.Refusal why) {
      giveUp(
          switch (why) {
            case UNREACHABLE -> Answer.BAD_GATEWAY;
            case TIMEOUT -> Answer.GATEWAY_TIMEOUT;
            case DOWN -> Answer.DOWN;
            case BUSY -> Answer.BUSY;
          });
    }

    @Override
    public void expect(Duration atMost) {
      client.timer().set(atMost);
    }

    @Override
    public long client() {
      return EndpointOrder.hash(client.claims().address());
    }

    @Override
    public @Nullable String cookie(String name) {
      return request.cookie(name);
    }
  }

  private void giveUp(Answer answer) {
    claim.end();
    client.answer(answer);
    client.flush();
  }

  private void send(Upstream connection) {
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
  public void responseHead(ResponseHead response) {
    touch();
    responded = true;
    claim.answered(response.status());
    String cookie = claim.newCookie();
    if (cookie != null) {
      response.addCookie(cookie + client.claims().cookieAttributes());
    }
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
    claim.whole();
    // AFTER the connection is free: who has waited for the backend may have it.
    claim.end();
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
    responded = true;
    upstream = null;
    claim.answered(response.status());
    claim.whole();
    claim.end();
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
    boolean stale = loss == Loss.SILENT && gone != null && gone.isReused();
    if (responded) {
      cut();
      return;
    }
    boolean harmless =
        (stale && request.isReplayable()) || (loss == Loss.REFUSED && !request.hasBody());
    if (harmless && claim.sendAgain()) {
      return;
    }
    if (!stale) {
      claim.failed();
    }
    giveUp(Answer.BAD_GATEWAY);
  }

  /** The answer breaks off where it is, through the backend's fault. */
  private void cut() {
    claim.failed();
    claim.end();
    client.abort();
  }

  /** The time that the route allows is up. */
  public void timedOut() {
    if (responded) {
      // The side that does not go on may be the client's.
      claim.end();
      client.abort();
      return;
    }
    if (upstream == null) {
      claim.overdue();
      return;
    }
    boolean waitsForClient = !requestEnded && takesBody();
    if (!waitsForClient) {
      claim.failed();
    }
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
    Upstream to = upstream;
    upstream = null;
    if (to != null) {
      to.close();
    }
    claim.end();
  }
}
