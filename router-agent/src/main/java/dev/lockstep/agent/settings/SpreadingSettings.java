package dev.lockstep.agent.settings;

import dev.lockstep.agent.settings.Setting.Group;
import dev.lockstep.agent.settings.TrafficSettings.Range;
import java.time.Duration;
import java.util.List;

/** The rows of the data plane about backends that are full or fail. */
final class SpreadingSettings {
  private static final Setting<Spreading.Balancing> BALANCING =
      new Setting<>(
          "backend-balancing",
          Group.TRAFFIC,
          SettingType.oneOf(Spreading.Balancing.class),
          "round-robin",
          "Which endpoint gets the next request: each in turn, or of two that are drawn the one"
              + " with fewer requests");
  private static final Setting<Integer> FAILURES =
      TrafficSettings.number(
          "backend-failures",
          new Range(0, 1000, 5),
          "Failures in a row after which an event loop leaves an endpoint alone; 0 for never");
  private static final Setting<Duration> EJECTION_TIME =
      TrafficSettings.time(
          "backend-ejection-time",
          "1s",
          "How long it is left alone before it is tried; doubles with each failed attempt");
  private static final Setting<Duration> EJECTION_MAX_TIME =
      TrafficSettings.time(
          "backend-ejection-max-time", "30s", "How long at most, give or take a tenth");
  private static final Setting<Integer> EJECTED_PERCENT =
      TrafficSettings.number(
          "backend-ejected-percent",
          new Range(0, 100, 50),
          "Share of a backend's endpoints that may be left alone; beyond it all that can be"
              + " reached are used");
  private static final Setting<Duration> CONNECT_PATIENCE =
      TrafficSettings.time(
          "backend-connect-patience",
          "250ms",
          "How long a request waits for a connection to one endpoint while there is another");
  private static final Setting<Integer> CONNECT_RATE =
      TrafficSettings.number(
          "backend-connect-rate",
          new Range(0, 1_000_000, 1000),
          "Connections per second, endpoint and event loop, beyond which they are opened one after"
              + " the other; 0 for no bound");
  private static final Setting<Integer> SPARE_CONNECTIONS =
      TrafficSettings.number(
          "backend-spare-connections",
          new Range(0, 1000, 0),
          "Unused HTTP/1.1 connections per endpoint and event loop that each request leaves open"
              + " for the next ones");
  private static final Setting<Integer> MAX_REQUESTS =
      TrafficSettings.number(
          "backend-max-requests",
          new Range(0, 1_000_000, 0),
          "Requests per backend and event loop at the same time; 0 for no bound. More wait");
  private static final Setting<Integer> QUEUE_LENGTH =
      TrafficSettings.number(
          "backend-queue-length",
          new Range(0, 1_000_000, 1000),
          "Requests per backend and event loop that may wait; more are answered with 503");
  private static final Setting<Duration> QUEUE_TARGET =
      new Setting<>(
          "backend-queue-target",
          Group.TRAFFIC,
          SettingType.duration(Duration.ofMillis(1), Duration.ofMinutes(1)),
          "100ms",
          "What a request may wait for a full backend without harm; after ten times that it is"
              + " answered with 503, or after that very time while all wait longer");
  private static final Setting<Integer> RETRY_PERCENT =
      TrafficSettings.number(
          "backend-retry-percent",
          new Range(0, 100, 20),
          "Share of the requests of an event loop that may be on their way a second time");
  private static final Setting<Integer> RETRY_FLOOR =
      TrafficSettings.number(
          "backend-retry-floor",
          new Range(0, 10_000, 10),
          "Requests of an event loop that may be on their way a second time in any case");

  static final List<Setting<?>> ROWS =
      List.of(
          BALANCING,
          FAILURES,
          EJECTION_TIME,
          EJECTION_MAX_TIME,
          EJECTED_PERCENT,
          CONNECT_PATIENCE,
          CONNECT_RATE,
          SPARE_CONNECTIONS,
          MAX_REQUESTS,
          QUEUE_LENGTH,
          QUEUE_TARGET,
          RETRY_PERCENT,
          RETRY_FLOOR);

  private SpreadingSettings() {}

  static Spreading build(SettingTexts texts) {
    Duration time = texts.get(EJECTION_TIME);
    Duration most = texts.get(EJECTION_MAX_TIME);
    if (most.compareTo(time) < 0) {
      texts.complain(
          EJECTION_MAX_TIME.key(), most.toMillis() + "ms", "at least backend-ejection-time");
    }
    return new Spreading(
        texts.get(BALANCING),
        new Spreading.Ejection(texts.get(FAILURES), time, most, texts.get(EJECTED_PERCENT)),
        new Spreading.Connecting(
            texts.get(CONNECT_PATIENCE), texts.get(CONNECT_RATE), texts.get(SPARE_CONNECTIONS)),
        new Spreading.Bound(
            texts.get(MAX_REQUESTS), texts.get(QUEUE_LENGTH), texts.get(QUEUE_TARGET)),
        new Spreading.Retries(texts.get(RETRY_PERCENT), texts.get(RETRY_FLOOR)));
  }
}
