package dev.lockstep.agent.api;

import dev.lockstep.agent.metrics.MeterName;
import dev.lockstep.agent.metrics.Meters;
import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.Effect;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API of one replica on a port of its own. Bind it before anything else: a port that refuses
 * connections is evidence of a dead process.
 *
 * <p>Thread-safe; all of its state is confined to one event loop.
 */
public final class ApiServer {
  private static final Logger log = LoggerFactory.getLogger(ApiServer.class);
  private static final long KEEP_ALIVE_MILLIS = 15_000;
  private static final int MAX_LINE = 8192;
  private static final int MAX_HEADERS = 16_384;

  private final Vertx vertx;
  private final Control control;
  private final Meters meters;
  private final Context loop;
  private final WallClock clock;
  private final Waiters waiters;
  private final Forwarder forwarder;
  private final EventFeed feed;
  private final ConfigHistory history = new ConfigHistory();
  private final OwnCalls own;
  private final List<Endpoint> endpoints;
  private final HttpServer server;
  private final Runnable unsubscribe;
  private final long keepAlive;

  /**
   * An API that is not bound yet.
   *
   * @param vertx whose event loop it runs on
   * @param control the replica that it speaks for
   * @param meters counts its calls
   * @param limits how much it takes on
   */
  public ApiServer(Vertx vertx, Control control, Meters meters, ApiLimits limits) {
    this.vertx = vertx;
    this.control = control;
    this.meters = meters;
    this.loop = vertx.getOrCreateContext();
    this.clock = new WallClock(Instant.now(), control.now());
    this.waiters = new Waiters(vertx, control, limits.maxWaiters());
    this.forwarder = new Forwarder(vertx, control, waiters, limits);
    this.feed = new EventFeed(control.view().self().replica().boot(), limits.maxSubscribers());
    this.own = new OwnCalls(control, clock, meters, feed);
    this.endpoints = table();
    this.server = vertx.createHttpServer(options()).requestHandler(router());
    this.unsubscribe = control.subscribe(this::onNotice);
    this.keepAlive = vertx.setPeriodic(KEEP_ALIVE_MILLIS, tick -> onLoop(feed::keepAlive));
    meters.gauge(
        MeterName.of("lockstep.ready", "1 when new requests are taken"),
        () -> control.readiness() == ReplicaView.Readiness.READY ? 1 : 0);
    meters.gauge(MeterName.of("lockstep.api.waiters", "Callers that wait"), waiters::size);
    meters.gauge(MeterName.of("lockstep.api.subscribers", "Open event streams"), feed::size);
  }

  /**
   * Opens the port.
   *
   * @param host address to bind
   * @param port 0 for any free one
   * @return the port that was bound
   */
  public Future<Integer> bind(String host, int port) {
    Promise<Integer> bound = Promise.promise();
    loop.runOnContext(
        now -> server.listen(port, host).map(HttpServer::actualPort).onComplete(bound));
    return bound.future();
  }

  /** Ends all calls and closes the port. */
  public Future<Void> close() {
    unsubscribe.run();
    vertx.cancelTimer(keepAlive);
    Promise<Void> closed = Promise.promise();
    loop.runOnContext(
        now -> {
          feed.close();
          forwarder.close();
          server.close().onComplete(closed);
        });
    return closed.future();
  }

  List<Endpoint> endpoints() {
    return endpoints;
  }

  private List<Endpoint> table() {
    return Stream.of(
            own.endpoints(),
            new ReplicaCalls(control, clock, history).endpoints(),
            new BarrierCalls(waiters).endpoints(),
            List.of(new ConfigCalls(vertx, control, waiters).endpoint()),
            List.of(new AckCalls(control).endpoint()))
        .flatMap(List::stream)
        .toList();
  }

  private static HttpServerOptions options() {
    return new HttpServerOptions()
        .setHttp2ClearTextEnabled(false)
        .setMaxInitialLineLength(MAX_LINE)
        .setMaxHeaderSize(MAX_HEADERS)
        .setIdleTimeout(Math.toIntExact(ApiLimits.IDLE_TIMEOUT.toSeconds()))
        .setIdleTimeoutUnit(TimeUnit.SECONDS);
  }

  private Router router() {
    Router router = Router.router(vertx);
    for (Endpoint endpoint : endpoints) {
      router.get(endpoint.path()).handler(context -> serve(context, endpoint));
    }
    router.errorHandler(404, context -> refuse(context, Problem.Kind.NO_SUCH_PAGE));
    router.errorHandler(405, context -> refuse(context, Problem.Kind.METHOD_NOT_ALLOWED));
    router.errorHandler(400, context -> refuse(context, Problem.Kind.INVALID_REQUEST));
    router.errorHandler(500, ApiServer::broken);
    return router;
  }

  private void serve(RoutingContext context, Endpoint endpoint) {
    context.addEndHandler(
        ended -> meters.onApiCall(endpoint.path(), context.response().getStatusCode()));
    Parameters parameters =
        new Parameters(context.queryParams(), context.pathParams(), endpoint.parameters());
    Endpoint.Call call = endpoint.read().apply(parameters);
    Optional<Problem> problem = parameters.problem();
    if (problem.isPresent()) {
      Replies.problem(context, problem.get());
    } else if (endpoint.scope() == Endpoint.Scope.ANY_REPLICA || leads()) {
      call.answer().accept(context);
    } else {
      forwarder.forward(context, call.bound());
    }
  }

  private boolean leads() {
    return control.view().leadership().isPresent();
  }

  private static void refuse(RoutingContext context, Problem.Kind kind) {
    String detail = context.request().method() + " " + context.request().path();
    if (kind == Problem.Kind.METHOD_NOT_ALLOWED) {
      context.response().putHeader("Allow", "GET");
    }
    Replies.problem(context, Problem.of(kind, detail + "; /openapi.yaml lists all calls"));
  }

  private static void broken(RoutingContext context) {
    log.atError()
        .setCause(context.failure())
        .addKeyValue("path", context.request().path())
        .log("A call failed");
    Replies.problem(context, Problem.of(Problem.Kind.BROKEN, "see the log of this replica"));
  }

  private void onNotice(Effect.Notice notice, ReplicaView view) {
    String at = clock.text(control.now());
    onLoop(
        () -> {
          feed.publish(notice, at);
          react(notice, view);
        });
  }

  private void react(Effect.Notice notice, ReplicaView view) {
    own.noteLeader(view);
    if (notice instanceof Effect.Served) {
      history.remember(view);
    }
    boolean leaderMayHaveChanged =
        notice instanceof Effect.Following || notice instanceof Effect.LeadershipWon;
    if (leaderMayHaveChanged) {
      forwarder.leaderIs(view.leader().map(ReplicaView.LeaderView::replica));
    }
  }

  private void onLoop(Runnable task) {
    loop.runOnContext(now -> task.run());
  }
}
