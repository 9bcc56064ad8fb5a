package dev.lockstep.agent;

import dev.lockstep.core.protocol.AckEntry;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what the machine announces as log lines: constant message, then key and value. INFO is a
 * change of role or version, WARN recovers by itself, ERROR needs a person.
 */
final class NoticeLog {
  private static final Logger log = LoggerFactory.getLogger("dev.lockstep.replica");

  private NoticeLog() {}

  static void write(Effect.Notice notice) {
    switch (notice) {
      case Effect.LeadershipWon won ->
          log.info("Leadership won epoch={} reason={}", won.epoch(), won.reason());
      case Effect.LeadershipLost lost ->
          log.warn("Leadership lost epoch={} reason={}", lost.epoch(), lost.reason());
      case Effect.Suspended suspended ->
          log.warn("Suspended epoch={} reason=the API server cannot be written", suspended.epoch());
      case Effect.Resumed resumed -> log.info("Resumed epoch={}", resumed.epoch());
      case Effect.Committed committed ->
          log.info(
              "Version committed epoch={} version={} digest={} changes={}",
              committed.epoch(),
              committed.version(),
              committed.digest().abbreviated(),
              committed.changes());
      case Effect.Served served ->
          log.info(
              "Version served version={} digest={}",
              served.version(),
              served.digest().abbreviated());
      case Effect.Refused refused ->
          log.error(
              "Version refused version={} problems={}", refused.version(), refused.problems());
      case Effect.BarrierOpened opened ->
          log.info(
              "Barrier opened epoch={} version={} afterCommitMillis={}",
              opened.epoch(),
              opened.version(),
              opened.afterCommit().toMillis());
      case Effect.MemberChanged changed -> member(changed);
      case Effect.Alarm alarm ->
          log.error("Alarm subject={} reason={}", alarm.subject(), alarm.reason());
      case Effect.Following following ->
          log.info(
              "Following leader={} epoch={} reason={}",
              following.leader().map(ReplicaId::toString).orElse("none"),
              following.epoch(),
              following.reason());
    }
  }

  private static void member(Effect.MemberChanged changed) {
    String kind = changed.kind().name().toLowerCase(Locale.ROOT);
    if (changed.kind() == AckEntry.Kind.FENCED || changed.kind() == AckEntry.Kind.LATE) {
      log.warn(
          "Replica {} replica={} pod={} reason={}",
          kind,
          changed.alias(),
          changed.pod(),
          changed.reason());
    } else {
      log.info("Replica {} replica={} pod={}", kind, changed.alias(), changed.pod());
    }
  }
}
