package dev.lockstep.agent.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.agent.metrics.Meters;
import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.NanoTime;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What every replica answers by itself, about itself. Confined to the event loop. */
final class OwnCalls {
  /** A loop that does not move for so long will not move again: better a new process. */
  private static final Duration LONGEST_STALL = Duration.ofSeconds(10);

  private static final String OPENAPI = resource("/openapi.yaml");

  private final Control control;
  private final WallClock clock;
  private final Meters meters;
  private final EventFeed feed;
  private Optional<NanoTime> leaderUnknownSince = Optional.empty();

  OwnCalls(Control control, WallClock clock, Meters meters, EventFeed feed) {
    this.control = control;
    this.clock = clock;
    this.meters = meters;
    this.feed = feed;
  }

  List<Endpoint> endpoints() {
    return List.of(
        own("/v1/leader", this::leader),
        own("/v1/backends", this::backends),
        own("/v1/events", feed::subscribe),
        own("/metrics", context -> Replies.text(context, "text/plain; version=0.0.4", scrape())),
        own("/livez", this::livez),
        own("/readyz", this::readyz),
        own("/openapi.yaml", context -> Replies.text(context, "application/yaml", OPENAPI)));
  }

  /** Notes since when no leader is known. Call it whenever that may have changed. */
  void noteLeader(ReplicaView view) {
    if (view.leader().isPresent()) {
      leaderUnknownSince = Optional.empty();
    } else if (leaderUnknownSince.isEmpty()) {
      leaderUnknownSince = Optional.of(control.now());
    }
  }

  private void leader(RoutingContext context) {
    ReplicaView view = control.view();
    noteLeader(view);
    ObjectNode json = Json.object().put("epoch", view.epoch().value());
    json.putNull("leader");
    view.leader()
        .ifPresent(
            leader ->
                json.putObject("leader")
                    .put("pod", leader.replica().pod())
                    .put("boot", leader.replica().boot())
                    .put("api", leader.address().api()));
    json.put("unknownSince", leaderUnknownSince.map(clock::text).orElse(null));
    Replies.json(context, json);
  }

  private void backends(RoutingContext context) {
    ObjectNode json = Json.object();
    ArrayNode endpoints = json.putArray("leftAlone");
    for (Control.LeftAlone endpoint : control.leftAlone()) {
      endpoints
          .addObject()
          .put("namespace", endpoint.namespace())
          .put("address", endpoint.address())
          .put("port", endpoint.port())
          .put("ejected", endpoint.ejected())
          .put("dead", endpoint.dead());
    }
    Replies.json(context, json);
  }

  private void livez(RoutingContext context) {
    Duration stalled = control.stalledFor();
    if (stalled.compareTo(LONGEST_STALL) > 0) {
      String detail = "stalled for " + stalled.toSeconds() + " s";
      Replies.problem(context, Problem.of(Problem.Kind.STALLED, detail));
    } else {
      Replies.text(context, "text/plain", "ok\n");
    }
  }

  private void readyz(RoutingContext context) {
    ReplicaView.Readiness readiness = control.readiness();
    ReplicaView view = control.view();
    ObjectNode members =
        Json.object()
            .put("readiness", Json.word(readiness))
            .put("standing", Json.word(view.standing()))
            .put("version", view.served().value());
    if (readiness == ReplicaView.Readiness.READY) {
      Replies.json(context, members);
    } else {
      String detail = "readiness: " + Json.word(readiness) + " (expected: ready)";
      Replies.problem(context, new Problem(Problem.Kind.NOT_READY, detail, members));
    }
  }

  private String scrape() {
    return meters.scrape();
  }

  private static Endpoint own(String path, Consumer<RoutingContext> answer) {
    return new Endpoint(
        path, Set.of(), Endpoint.Scope.ANY_REPLICA, parameters -> Endpoint.Call.atOnce(answer));
  }

  private static String resource(String path) {
    try (InputStream in = OwnCalls.class.getResourceAsStream(path)) {
      return new String(Objects.requireNonNull(in, path).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("this program is not whole", e);
    }
  }
}
