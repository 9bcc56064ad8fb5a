package dev.lockstep.agent.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Observation;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** What a leader tells of its replicas: for operators, dashboards and the oldest clients. */
final class ReplicaCalls {
  private final Control control;
  private final WallClock clock;
  private final ConfigHistory history;

  ReplicaCalls(Control control, WallClock clock, ConfigHistory history) {
    this.control = control;
    this.clock = clock;
    this.history = history;
  }

  List<Endpoint> endpoints() {
    return List.of(
        new Endpoint(
            "/v1/replicas", Set.of(), Endpoint.Scope.LEADER, parameters -> tell(this::replicas)),
        new Endpoint(
            "/v1/versions", Set.of(), Endpoint.Scope.LEADER, parameters -> tell(this::versions)));
  }

  private Endpoint.Call tell(BiFunction<ReplicaView, ReplicaView.Leadership, ObjectNode> answer) {
    return Endpoint.Call.atOnce(context -> tell(context, answer));
  }

  private void tell(
      RoutingContext context, BiFunction<ReplicaView, ReplicaView.Leadership, ObjectNode> answer) {
    ReplicaView view = control.view();
    Optional<ReplicaView.Leadership> leadership = view.leadership();
    if (leadership.isPresent()) {
      Replies.json(context, answer.apply(view, leadership.get()));
    } else {
      // Deposed since the call was taken on.
      Replies.problem(context, Problem.of(Problem.Kind.NO_LEADER, "this replica leads no more"));
    }
  }

  private ObjectNode replicas(ReplicaView view, ReplicaView.Leadership leadership) {
    ObjectNode json =
        Json.object()
            .put("leader", view.self().replica().pod())
            .put("epoch", view.epoch().value())
            .put("version", leadership.committed().value())
            .put("open", leadership.open().value())
            .put("digest", view.digest().hex())
            .put("api", Json.word(leadership.api()))
            .put("sources", Json.word(leadership.sources()))
            .put("undecidable", leadership.undecidable());
    ArrayNode replicas = json.putArray("replicas");
    leadership.members().forEach(m -> putMember(replicas.addObject(), m, leadership.committed()));
    ArrayNode quarantined = json.putArray("quarantined");
    leadership.quarantined().forEach(o -> putObservation(quarantined.addObject(), o));
    return json;
  }

  private void putMember(ObjectNode json, ReplicaView.Member member, Version committed) {
    boolean leads = member.state() == ReplicaView.MemberState.LEADER;
    long lag = Math.max(0, committed.value() - member.version().value());
    json.put("name", member.alias())
        .put("pod", member.pod().name())
        .put("uid", member.pod().uid())
        .put("node", member.node())
        .put("role", leads ? "leader" : "follower")
        .put("state", Json.word(member.state()))
        .put("version", member.version().value())
        .put("lag", lag)
        .put("ackedAt", ackedAt(member).orElse(null))
        .put("lastNack", member.lastNack())
        .put("reason", member.reason())
        .put("http", member.address().map(Address::http).orElse(null))
        .put("https", member.address().map(Address::https).orElse(null))
        .put("api", member.address().map(Address::api).orElse(null));
  }

  private Optional<String> ackedAt(ReplicaView.Member member) {
    return Optional.of(member.ackedAt())
        .filter(moment -> !moment.equals(NanoTime.NEVER))
        .map(clock::text);
  }

  private static void putObservation(ObjectNode json, Observation observation) {
    json.put("group", observation.object().group())
        .put("kind", observation.object().kind())
        .put("namespace", observation.object().namespace())
        .put("name", observation.object().name())
        .put("resourceVersion", Long.toString(observation.resourceVersion()))
        .put("reason", observation.reason());
  }

  /**
   * The first published form of this question: a map from replica to the Services that it has
   * applied, and nothing else. Of a version that is not remembered no Service is vouched for: an
   * empty list can make a caller wait longer, and never lets one go on too early.
   */
  private ObjectNode versions(ReplicaView view, ReplicaView.Leadership leadership) {
    history.remember(view);
    ObjectNode json = Json.object();
    ObjectNode versions = json.putObject("versions");
    for (ReplicaView.Member member : leadership.members()) {
      String name = member.alias().isEmpty() ? member.pod().name() : member.alias();
      ArrayNode services = versions.putArray(name);
      history.services(member.version()).orElse(List.of()).forEach(services::add);
    }
    return json;
  }
}
