package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.account.Failure;
import dev.lockstep.agent.proxy.account.RequestRecord;
import dev.lockstep.agent.proxy.backend.Asker;
import dev.lockstep.agent.proxy.backend.Claim;
import dev.lockstep.agent.proxy.backend.Tunnel;
import dev.lockstep.agent.proxy.backend.Upstream;
import dev.lockstep.agent.proxy.http.FieldSink;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.agent.proxy.http.Trailers;
import dev.lockstep.core.config.Backend;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.Objects;
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
  private final Notes notes;
  private final Claim claim;
  private @Nullable RequestGate gate;
  private RequestGate.@Nullable Forward route;
  private @Nullable Upstream upstream;
  private @Nullable Tunnel tunnel;
  private boolean requestEnded;
  private boolean responded;

  /** Answers the requests of this client, which speaks this, one after the other. */
  public Exchange(Client client, Worker worker, RequestRecord.Protocol protocol) {
    this.client = client;
    this.worker = worker;
    this.request = client.request();
    this.notes = new Notes(client, worker, protocol);
    this.claim = worker.pool().claim(new ExchangeClaimant(this, client, worker));
  }

  /** {@return what is noted about the request} */
  public Notes notes() {
    return notes;
  }

  @Override
  public RequestHead request() {
    return request;
  }

  @Override
  public void writeClaimsTo(ByteBuf out) {
    client.claims().writeTo(out, request.authority());
    notes.own().writeIdTo(out);
  }

  /** Begins with a request whose head is whole; nobody is asked for an answer yet. */
  public void begin(RequestGate by) {
    gate = by;
    tunnel = null;
    requestEnded = !request.hasBody();
    responded = false;
    notes.begin();
  }

  /** Looks for an answer to the request that has begun. */
  public void proceed() {
    RequestGate by = Objects.requireNonNull(gate, "no request has begun");
    VersionWaits waits = worker.waits();
    if (waits == null || waits.isServed(this) || !worker.admits()) {
      decide(by);
    } else if (!waits.add(this, client.timer())) {
      client.answer(Answer.TOO_MANY_WAITING);
    }
  }

  /** Goes on: the version that the request has waited for is served. */
  void versionServed() {
    RequestGate by = gate;
    if (by != null) {
      decide(by);
    }
    flush();
    client.flush();
  }

  private void decide(RequestGate by) {
    if (!worker.admits()) {
      client.answerAndClose(Answer.REFUSED);
      return;
    }
    RequestGate.Decision decision = by.decide(request);
    notes.decided(by);
    switch (decision) {
      case Answer answer -> client.answer(answer);
      case RequestGate.Forward forward -> {
        route = forward;
        claim.begin(forward.endpoints(), forward.policy().connectTimeout(), protocol(forward));
      }
    }
  }

  private Backend.Protocol protocol(RequestGate.Forward forward) {
    Backend.Protocol spoken = forward.endpoints().protocol();
    return request.upgradesToWebSocket() ? spoken.forUpgrade() : spoken;
  }

  void giveUp(Answer answer) {
    claim.end();
    client.answer(answer);
    client.flush();
  }

  /** Ends the response where it is, for this reason. */
  private void cut(Failure why) {
    claim.end();
    notes.end(why);
    client.abort();
  }

  void send(Upstream connection) {
    upstream = connection;
    notes.connected();
    connection.begin(this);
    touch();
    if (request.expectsContinue() && !client.hasPending()) {
      client.writeContinue();
    }
  }

  /** Something has passed: the time for what must come next begins. */
  private void touch() {
    RequestGate.Forward forward = route;
    if (forward != null) {
      Duration idle = forward.policy().idleTimeout();
      Duration stall = worker.settings().timeouts().stall();
      client.touch(waitsForClient() && stall.compareTo(idle) < 0 ? stall : idle);
    }
  }

  /**
   * Whether nothing goes on until the client takes more of its answer or, as long as there is none,
   * sends more of its body. A call in which both sides talk may be silent as long as its route
   * allows.
   */
  private boolean waitsForClient() {
    return responded ? !client.isWritable() : !requestEnded && takesBody();
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
    notes.received(data);
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
    touch();
    Upstream to = upstream;
    if (to != null) {
      to.end(trailers);
    }
  }

  @Override
  public void sendClaimsTo(FieldSink sink) {
    client.claims().sendTo(sink, request.authority());
    notes.own().sendIdTo(sink);
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
      misunderstood(response);
      return;
    }
    responded = true;
    touch();
    notes.answered(response.status());
    notes.own().replaceIn(response);
    claim.answered(response.status());
    String cookie = claim.newCookie();
    if (cookie != null) {
      response.addCookie(cookie + client.claims().cookieAttributes());
    }
    client.responseHead(response, response.framing(request).kind());
  }

  /** That is no failure of the endpoint: whoever asks it for what it has not would call it one. */
  private void misunderstood(ResponseHead response) {
    claim.answered(response.status());
    letGo();
    giveUp(Answer.BAD_GATEWAY.because(Failure.ANSWER_MALFORMED));
  }

  @Override
  public void responseData(ByteBuf data) {
    notes.sent(data);
    client.responseData(data);
    touch();
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
    notes.end(null);
    client.responseEnd(trailers);
  }

  @Override
  public void responseRead() {
    client.flush();
  }

  @Override
  public void backendWritable() {
    touch();
    client.continueBody();
  }

  @Override
  public Optional<Tunnel> upgraded(ResponseHead response, Channel backend) {
    RequestGate.Forward forward = route;
    if (upstream == null || forward == null) {
      return Optional.empty();
    }
    if (!client.understands(response)) {
      misunderstood(response);
      return Optional.empty();
    }
    responded = true;
    upstream = null;
    notes.answered(response.status());
    notes.own().replaceIn(response);
    claim.answered(response.status());
    claim.whole();
    claim.end();
    Tunnel joined = client.becomeTunnel(response, backend, forward.policy().idleTimeout());
    tunnel = joined;
    return Optional.of(joined);
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
    Failure why = loss == Loss.MALFORMED ? Failure.ANSWER_MALFORMED : Failure.BACKEND_RESET;
    if (responded) {
      claim.failed();
      cut(why);
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
    giveUp(Answer.BAD_GATEWAY.because(why));
  }

  /** The time that the request may take now is up. */
  public void timedOut() {
    if (worker.stopsWaiting(this)) {
      giveUp(Answer.VERSION_BEHIND);
      return;
    }
    if (responded) {
      cut(client.isWritable() ? Failure.BACKEND_TIMEOUT : Failure.CLIENT_STALLED);
      return;
    }
    if (upstream == null) {
      claim.overdue();
      return;
    }
    boolean owing = waitsForClient();
    if (!owing) {
      claim.failed();
    }
    letGo();
    giveUp(owing ? Answer.REQUEST_TIMEOUT : Answer.BACKEND_TIMEOUT);
  }

  /** The request's body is broken. */
  public void bodyFault() {
    letGo();
    if (responded) {
      cut(Failure.REQUEST_MALFORMED);
    } else {
      giveUp(Answer.BAD_BODY);
    }
  }

  /** The request is none, or not the one that it began as: it gets no answer. */
  public void malformed() {
    letGo();
    notes.malformed();
  }

  /** Forgets everything: the client is gone. */
  public void drop() {
    letGo();
    notes.gone(tunnel);
  }

  void letGo() {
    worker.stopsWaiting(this);
    Upstream to = upstream;
    upstream = null;
    if (to != null) {
      to.close();
    }
    claim.end();
  }
}
