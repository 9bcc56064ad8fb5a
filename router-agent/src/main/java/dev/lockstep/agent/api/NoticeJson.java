package dev.lockstep.agent.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.ReplicaId;

/** What the machine announces, as the event stream shows it. Pure functions. */
final class NoticeJson {

  private NoticeJson() {}

  /** {@return the name of the kind of event} */
  static String type(Effect.Notice notice) {
    return switch (notice) {
      case Effect.LeadershipWon ignored -> "leadership-won";
      case Effect.LeadershipLost ignored -> "leadership-lost";
      case Effect.Suspended ignored -> "suspended";
      case Effect.Resumed ignored -> "resumed";
      case Effect.Committed ignored -> "committed";
      case Effect.Served ignored -> "served";
      case Effect.Refused ignored -> "refused";
      case Effect.BarrierOpened ignored -> "barrier-opened";
      case Effect.MemberChanged ignored -> "member-changed";
      case Effect.Alarm ignored -> "alarm";
      case Effect.Following ignored -> "following";
    };
  }

  /** {@return its content} */
  static ObjectNode of(Effect.Notice notice) {
    ObjectNode json = Json.object();
    return switch (notice) {
      case Effect.LeadershipWon won ->
          json.put("epoch", won.epoch().value()).put("reason", won.reason());
      case Effect.LeadershipLost lost ->
          json.put("epoch", lost.epoch().value()).put("reason", lost.reason());
      case Effect.Suspended suspended -> json.put("epoch", suspended.epoch().value());
      case Effect.Resumed resumed -> json.put("epoch", resumed.epoch().value());
      case Effect.Committed committed ->
          json.put("epoch", committed.epoch().value())
              .put("version", committed.version().value())
              .put("digest", committed.digest().hex())
              .put("changes", committed.changes());
      case Effect.Served served ->
          json.put("version", served.version().value()).put("digest", served.digest().hex());
      case Effect.Refused refused -> refused(json, refused);
      case Effect.BarrierOpened opened ->
          json.put("epoch", opened.epoch().value())
              .put("version", opened.version().value())
              .put("afterCommitMillis", opened.afterCommit().toNanos() / 1e6);
      case Effect.MemberChanged changed ->
          json.put("replica", changed.alias())
              .put("pod", changed.pod().name())
              .put("change", Json.word(changed.kind()))
              .put("reason", changed.reason());
      case Effect.Alarm alarm -> json.put("subject", alarm.subject()).put("reason", alarm.reason());
      case Effect.Following following ->
          json.put("leader", following.leader().map(ReplicaId::pod).orElse(null))
              .put("epoch", following.epoch().value())
              .put("reason", following.reason());
    };
  }

  private static ObjectNode refused(ObjectNode json, Effect.Refused refused) {
    ArrayNode problems = json.put("version", refused.version().value()).putArray("problems");
    for (ConfigProblem problem : refused.problems()) {
      problems.addObject().put("subject", problem.subject()).put("reason", problem.reason());
    }
    return json;
  }
}
