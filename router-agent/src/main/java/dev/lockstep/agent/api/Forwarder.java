package dev.lockstep.agent.api;

import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.ReplicaId;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Passes calls on to the leader, one hop at most: a call that was passed on already is refused, so
 * that two replicas which take each other for the leader do not play ball. Every step has a time
 * bound, and a call that waits at a leader is cut as soon as another one is known. Confined to the
 * event loop.
 */
final class Forwarder {
  /** Marks a call that was passed on, with the replica that did. */
  static final String FORWARDED = "Lockstep-Forwarded";

  private static final List<String> REQUEST_HEADERS = List.of("Accept", "If-None-Match");
  private static final List<String> RESPONSE_HEADERS =
      List.of("Content-Type", "Content-Length", "ETag", "Cache-Control", "Retry-After");
  private static final int MAX_IDLE_SECONDS = 10;

  private final Vertx vertx;
  private final Control control;
  private final Waiters waiters;
  private final ApiLimits limits;
  private final HttpClient client;
  private final Set<Passage> passages = new LinkedHashSet<>();

  Forwarder(Vertx vertx, Control control, Waiters waiters, ApiLimits limits) {
    this.vertx = vertx;
    this.control = control;
    this.waiters = waiters;
    this.limits = limits;
    // Each waiting call holds a connection: a smaller pool would let waiters block reads.
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setConnectTimeout(Math.toIntExact(limits.connectTimeout().toMillis()))
                .setKeepAliveTimeout(MAX_IDLE_SECONDS)
                .setMaxRedirects(0),
            new PoolOptions().setHttp1MaxSize(limits.maxWaiters() + 16));
  }

  /** Passes a call on, if there is somebody to pass it on to. */
  void forward(RoutingContext context, Duration wait) {
    Optional<ReplicaView.LeaderView> leader = leader(context);
    if (leader.isEmpty() || !waiters.enter(context)) {
      return;
    }
    Passage passage = new Passage(context, leader.get());
    passages.add(passage);
    passage.start(wait.plus(limits.readTimeout()));
  }

  /** Cuts all calls that wait at somebody else: their callers ask again, and get there. */
  void leaderIs(Optional<ReplicaId> leader) {
    for (Passage passage : List.copyOf(passages)) {
      if (!leader.equals(Optional.of(passage.leader.replica()))) {
        passage.fail("the leader has changed");
      }
    }
  }

  /** Ends all calls that are under way. */
  void close() {
    leaderIs(Optional.empty());
    client.close();
  }

  private Optional<ReplicaView.LeaderView> leader(RoutingContext context) {
    ReplicaView view = control.view();
    String forwardedBy = context.request().getHeader(FORWARDED);
    Optional<ReplicaView.LeaderView> leader =
        view.leader().filter(l -> !l.replica().equals(view.self().replica()));
    if (forwardedBy != null) {
      refuse(context, "passed on by " + forwardedBy + " to a replica that does not lead");
      return Optional.empty();
    }
    if (leader.isEmpty()) {
      refuse(context, "no leader is known to " + view.self().replica().pod());
    }
    return leader;
  }

  private static void refuse(RoutingContext context, String detail) {
    Replies.problem(context, Problem.of(Problem.Kind.NO_LEADER, detail));
  }

  /** One call on its way to the leader and back. Over exactly once, whatever ends it. */
  private final class Passage {
    private final RoutingContext context;
    private final ReplicaView.LeaderView leader;
    private Optional<HttpClientRequest> request = Optional.empty();
    private long timer;
    private boolean answering;
    private boolean over;

    Passage(RoutingContext context, ReplicaView.LeaderView leader) {
      this.context = context;
      this.leader = leader;
    }

    void start(Duration bound) {
      context.response().closeHandler(gone -> abandon());
      timer = vertx.setTimer(bound.toMillis(), late -> fail("no answer in time"));
      client
          .request(target())
          .onSuccess(this::send)
          .onFailure(failure -> fail(String.valueOf(failure.getMessage())));
    }

    private RequestOptions target() {
      HttpServerRequest from = context.request();
      String query = from.query() == null ? "" : "?" + from.query();
      return new RequestOptions()
          .setMethod(HttpMethod.GET)
          .setConnectTimeout(limits.connectTimeout().toMillis())
          .setAbsoluteURI(leader.address().api() + from.path() + query);
    }

    private void send(HttpClientRequest outgoing) {
      if (over) {
        outgoing.reset();
        return;
      }
      request = Optional.of(outgoing);
      outgoing.putHeader(FORWARDED, control.view().self().replica().pod());
      for (String name : REQUEST_HEADERS) {
        String value = context.request().getHeader(name);
        if (value != null) {
          outgoing.putHeader(name, value);
        }
      }
      outgoing
          .send()
          .onSuccess(this::answer)
          .onFailure(failure -> fail(String.valueOf(failure.getMessage())));
    }

    private void answer(HttpClientResponse incoming) {
      if (over) {
        return;
      }
      answering = true;
      vertx.cancelTimer(timer);
      timer = vertx.setTimer(ApiLimits.BODY_TIMEOUT.toMillis(), late -> fail("slow answer"));
      HttpServerResponse response = context.response().setStatusCode(incoming.statusCode());
      for (String name : RESPONSE_HEADERS) {
        String value = incoming.getHeader(name);
        if (value != null) {
          response.putHeader(name, value);
        }
      }
      if (incoming.statusCode() == 304) {
        // There is no body, and streaming would announce one of length 0.
        response.end();
        finish();
        return;
      }
      response.send(incoming).onSuccess(done -> finish()).onFailure(broken -> fail("cut off"));
    }

    private void fail(String reason) {
      if (over) {
        return;
      }
      abandon();
      if (answering) {
        // The caller has a part of the answer: only a broken connection says that it is not whole.
        context.request().connection().close();
        return;
      }
      String detail = "leader " + leader.replica().pod() + ": " + reason;
      Replies.problem(context, Problem.of(Problem.Kind.NO_LEADER, detail));
    }

    /** Before the end of the answer: the leader must learn that nobody waits for it. */
    private void abandon() {
      if (!over) {
        finish();
        request.ifPresent(HttpClientRequest::reset);
      }
    }

    private void finish() {
      if (!over) {
        over = true;
        vertx.cancelTimer(timer);
        passages.remove(this);
        waiters.leave();
      }
    }
  }
}
