package dev.lockstep.agent.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.PodId;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.stream.Collectors;

/** What the machine answers, as callers get it: only "open" is a success. */
final class Answers {

  private Answers() {}

  /** Sends the answer to a barrier question. */
  static void send(RoutingContext context, Answer answer) {
    switch (answer) {
      case Answer.Open open -> Replies.json(context, open(open));
      case Answer.Late late -> Replies.problem(context, late(late));
      case Answer.Rejected(var object, var reason) ->
          Replies.problem(context, Problem.of(Problem.Kind.REJECTED, object + ": " + reason));
      case Answer.Unknown(var object, var reason) ->
          Replies.problem(context, Problem.of(Problem.Kind.UNKNOWN_OBJECT, object + ": " + reason));
      case Answer.StillPresent still -> Replies.problem(context, stillPresent(still));
      case Answer.Undecidable(var reason) ->
          Replies.problem(context, Problem.of(Problem.Kind.UNDECIDABLE, reason));
    }
  }

  /** {@return who applied, and who was not waited for} */
  static ObjectNode open(Answer.Open open) {
    ObjectNode json =
        Json.object()
            .put("state", "open")
            .put("version", open.version().value())
            .put("epoch", open.epoch().value());
    putReplicas(json, open);
    return json;
  }

  /** Adds the replicas of an open barrier to an answer. */
  static void putReplicas(ObjectNode json, Answer.Open open) {
    ArrayNode applied = json.putArray("applied");
    for (Answer.Applied a : open.applied()) {
      putReplica(applied.addObject(), a.alias(), a.pod(), a.version());
    }
    ArrayNode excluded = json.putArray("excluded");
    for (Answer.Excluded e : open.excluded()) {
      putReplica(excluded.addObject(), e.alias(), e.pod(), e.version()).put("reason", e.reason());
    }
  }

  private static Problem late(Answer.Late late) {
    ObjectNode members = Json.object();
    late.version().ifPresent(version -> members.put("version", version.value()));
    ArrayNode pending = members.putArray("pending");
    for (Answer.Pending p : late.pending()) {
      putReplica(pending.addObject(), p.alias(), p.pod(), p.version()).put("reason", p.reason());
    }
    members.put("reason", late.reason());
    return new Problem(Problem.Kind.NOT_IN_TIME, lateText(late), members);
  }

  private static String lateText(Answer.Late late) {
    String what = late.version().map(v -> "version " + v).orElse("a version yet to be assigned");
    List<Answer.Pending> pending = late.pending();
    String who =
        pending.stream()
            .map(p -> name(p.alias(), p.pod()) + " at " + p.version() + reason(p.reason()))
            .collect(Collectors.joining(", "));
    String waitsFor = who.isEmpty() ? "" : "; waiting for " + who;
    return what + " is not on every replica" + waitsFor + reason(late.reason());
  }

  private static Problem stillPresent(Answer.StillPresent still) {
    ObjectNode members = Json.object().put("resourceVersion", text(still.resourceVersion()));
    String detail = still.object() + ": exists at resourceVersion " + still.resourceVersion();
    return new Problem(Problem.Kind.STILL_PRESENT, detail, members);
  }

  private static ObjectNode putReplica(ObjectNode json, String alias, PodId pod, Version version) {
    return json.put("name", alias).put("pod", pod.name()).put("version", version.value());
  }

  private static String name(String alias, PodId pod) {
    return alias.isEmpty() ? pod.name() : alias;
  }

  private static String reason(String reason) {
    return reason.isEmpty() ? "" : " (" + reason + ")";
  }

  /** Kubernetes writes resourceVersions as text, and so do we. */
  private static String text(long resourceVersion) {
    return Long.toString(resourceVersion);
  }
}
