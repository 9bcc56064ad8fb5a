package dev.lockstep.agent.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.agent.wire.ConfigCodec;
import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Question;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The whole model as JSON, at once or when it is on every replica. Certificates are shown by their
 * fingerprints: private keys never reach this package.
 */
final class ConfigCalls {
  private final Vertx vertx;
  private final Control control;
  private final Waiters waiters;

  ConfigCalls(Vertx vertx, Control control, Waiters waiters) {
    this.vertx = vertx;
    this.control = control;
    this.waiters = waiters;
  }

  Endpoint endpoint() {
    return new Endpoint(
        "/v1/config", Set.of("consistent", "timeout"), Endpoint.Scope.LEADER, this::read);
  }

  private Endpoint.Call read(Parameters parameters) {
    boolean consistent =
        parameters.value("consistent", false, "true or false", ConfigCalls::yesOrNo);
    Duration timeout = parameters.timeout();
    return consistent
        ? new Endpoint.Call(timeout, context -> whenConsistent(context, timeout))
        : Endpoint.Call.atOnce(context -> send(context, control.view(), Optional.empty()));
  }

  /**
   * Waits for the version that is current at arrival. When the data plane has gone on meanwhile,
   * the model of that very version is not at hand any more: then it takes what is served now and
   * waits for exactly that, once. So the answer is one model that is on every replica, not older
   * than the call, and it comes even under constant change.
   */
  private void whenConsistent(RoutingContext context, Duration timeout) {
    NanoTime deadline = control.now().plus(timeout);
    ask(
        context,
        new Waiters.Wait(new Question.AtCurrent(), timeout, 0),
        open -> {
          ReplicaView view = control.view();
          if (view.served().equals(open.version())) {
            send(context, view, Optional.of(open));
          } else {
            waitFor(context, view, deadline);
          }
        });
  }

  private void waitFor(RoutingContext context, ReplicaView view, NanoTime deadline) {
    if (view.served().equals(Version.NONE)) {
      Replies.problem(context, Problem.of(Problem.Kind.UNDECIDABLE, "nothing is served here"));
      return;
    }
    Duration left = deadline.since(control.now());
    Question.About about = new Question.AtVersion(view.served());
    ask(
        context,
        new Waiters.Wait(about, left.isNegative() ? Duration.ZERO : left, 0),
        open -> send(context, view, Optional.of(open)));
  }

  private void ask(RoutingContext context, Waiters.Wait wait, Consumer<Answer.Open> then) {
    waiters.ask(
        context,
        wait,
        answer -> {
          if (answer instanceof Answer.Open open) {
            then.accept(open);
          } else {
            Answers.send(context, answer);
          }
        });
  }

  private void send(RoutingContext context, ReplicaView view, Optional<Answer.Open> open) {
    // Not on the event loop: a large model takes longer to write than others should wait.
    vertx
        .executeBlocking(() -> Json.bytes(model(view, open)), false)
        .onSuccess(bytes -> Replies.json(context, bytes))
        .onFailure(context::fail);
  }

  private static ObjectNode model(ReplicaView view, Optional<Answer.Open> open) {
    ObjectNode json = Json.object();
    json.put("epoch", view.epoch().value()).put("consistent", open.isPresent());
    json.setAll(ConfigCodec.toApiJson(new Snapshot(view.served(), view.digest(), view.config())));
    open.ifPresentOrElse(o -> Answers.putReplicas(json, o), () -> putMembers(json, view));
    return json;
  }

  private static void putMembers(ObjectNode json, ReplicaView view) {
    ArrayNode replicas = json.putArray("replicas");
    for (ReplicaView.Member member : view.leadership().map(l -> l.members()).orElse(List.of())) {
      replicas
          .addObject()
          .put("name", member.alias())
          .put("pod", member.pod().name())
          .put("version", member.version().value());
    }
  }

  private static Optional<Boolean> yesOrNo(String text) {
    return switch (text) {
      case "true" -> Optional.of(true);
      case "false" -> Optional.of(false);
      default -> Optional.empty();
    };
  }
}
