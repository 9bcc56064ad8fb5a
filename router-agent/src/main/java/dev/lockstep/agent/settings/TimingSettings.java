package dev.lockstep.agent.settings;

import dev.lockstep.agent.settings.Setting.Group;
import dev.lockstep.agent.wire.DurationText;
import dev.lockstep.core.protocol.Timings;
import java.time.Duration;
import java.util.List;

/** The rows of {@link Timings}: every duration of the protocol can be set, and none is hidden. */
final class TimingSettings {
  private static final Timings STANDARD = Timings.STANDARD;

  static final Setting<Duration> LEASE_DURATION =
      row(
          "lease-duration",
          STANDARD.leaseDuration(),
          "How long an unchanged Lease stands for a living leader; whole seconds");
  static final Setting<Duration> RENEW_PERIOD =
      row("renew-period", STANDARD.renewPeriod(), "Time between two writes of an idle leader");
  static final Setting<Duration> RENEW_DEADLINE =
      row(
          "renew-deadline",
          STANDARD.renewDeadline(),
          "Time since the last confirmed write after which a leader publishes nothing more");
  static final Setting<Duration> RETRY_PAUSE =
      row("retry-pause", STANDARD.retryPause(), "Pause between two attempts at the Lease");
  static final Setting<Duration> POLL_PERIOD =
      row(
          "poll-period",
          STANDARD.pollPeriod(),
          "Time between two looks at a Lease whose holder cannot be reached");
  static final Setting<Duration> RANK_STEP =
      row(
          "rank-step",
          STANDARD.rankStep(),
          "Extra delay per rank before a take-over, so that candidates do not stampede");
  static final Setting<Duration> HEARTBEAT_PERIOD =
      row(
          "heartbeat-period",
          STANDARD.heartbeatPeriod(),
          "Time between two heartbeats of a follower");
  static final Setting<Duration> LINK_SILENCE =
      row(
          "link-silence",
          STANDARD.linkSilence(),
          "Silence after which a link between replicas is given up");
  static final Setting<Duration> FENCE_TIME =
      row(
          "fence-time",
          STANDARD.fenceTime(),
          "Silence or lag after which a replica is taken out of traffic;"
              + " must be the same on all replicas");
  static final Setting<Duration> DRAIN_TIME =
      row(
          "drain-time",
          STANDARD.drainTime(),
          "How long after a fence an endpoint may still get new requests;"
              + " must cover the removal of an endpoint everywhere");
  static final Setting<Duration> LATE_TIME =
      row("late-time", STANDARD.lateTime(), "Lag after which a replica is reported as late");
  static final Setting<Duration> LONELY_TIME =
      row(
          "lonely-time",
          STANDARD.lonelyTime(),
          "Time after which a leader that reaches no follower resigns");
  static final Setting<Boolean> EVICT =
      new Setting<>(
          "evict",
          Group.PROTOCOL,
          SettingType.SWITCH,
          "off",
          "Whether a fenced replica that stays silent is evicted through the Eviction API");
  static final Setting<Duration> EVICT_AFTER =
      row("evict-after", Duration.ofMinutes(1), "Silence since its fence before it is evicted");
  static final Setting<Integer> COMMITS_PER_SECOND =
      new Setting<>(
          "commits-per-second",
          Group.PROTOCOL,
          SettingType.number(1, 1000),
          Integer.toString(STANDARD.commitsPerSecond()),
          "Sustained rate of versions; what comes faster rides together");
  static final Setting<Integer> COMMIT_BURST =
      new Setting<>(
          "commit-burst",
          Group.PROTOCOL,
          SettingType.number(1, 10_000),
          Integer.toString(STANDARD.commitBurst()),
          "Versions that may follow each other at once");

  static final List<Setting<?>> ROWS =
      List.of(
          LEASE_DURATION,
          RENEW_PERIOD,
          RENEW_DEADLINE,
          RETRY_PAUSE,
          POLL_PERIOD,
          RANK_STEP,
          HEARTBEAT_PERIOD,
          LINK_SILENCE,
          FENCE_TIME,
          DRAIN_TIME,
          LATE_TIME,
          LONELY_TIME,
          EVICT,
          EVICT_AFTER,
          COMMITS_PER_SECOND,
          COMMIT_BURST);

  private TimingSettings() {}

  /** {@return the timings; what contradicts what is added to the problems} */
  static Timings build(SettingTexts texts) {
    Duration evictAfter = texts.get(EVICT_AFTER);
    Timings timings =
        new Timings(
            texts.get(LEASE_DURATION),
            texts.get(RENEW_PERIOD),
            texts.get(RENEW_DEADLINE),
            texts.get(RETRY_PAUSE),
            texts.get(POLL_PERIOD),
            texts.get(RANK_STEP),
            texts.get(HEARTBEAT_PERIOD),
            texts.get(LINK_SILENCE),
            texts.get(FENCE_TIME),
            texts.get(DRAIN_TIME),
            texts.get(LATE_TIME),
            texts.get(LONELY_TIME),
            texts.get(EVICT) ? evictAfter : Duration.ZERO,
            texts.get(COMMITS_PER_SECOND),
            texts.get(COMMIT_BURST));
    timings.problems().forEach(problem -> texts.complain(inOurWords(problem)));
    return timings;
  }

  /** Core names the fields of its record; people know the keys. */
  private static String inOurWords(String problem) {
    String words = problem;
    for (Setting<?> row : ROWS) {
      words = words.replace(camelCase(row.key()), row.key());
    }
    return words;
  }

  private static String camelCase(String key) {
    StringBuilder camel = new StringBuilder();
    for (String word : key.split("-", -1)) {
      camel.append(
          camel.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return camel.toString();
  }

  private static Setting<Duration> row(String key, Duration standard, String doc) {
    return new Setting<>(
        key,
        Group.PROTOCOL,
        SettingType.duration(Duration.ofMillis(10), Duration.ofHours(1)),
        DurationText.format(standard),
        doc);
  }
}
