package dev.lockstep.agent.settings;

import dev.lockstep.agent.settings.AgentSettings.Seeing;
import dev.lockstep.agent.settings.Setting.Group;
import java.time.Duration;
import java.util.List;

/** The rows about what the data plane tells of requests, and what these may ask. */
final class SeeingSettings {
  private static final Setting<AccessLogTarget> ACCESS_LOG =
      new Setting<>(
          "access-log",
          Group.TRAFFIC,
          AccessLogTarget.TYPE,
          "off",
          "Where to write a line of JSON per request; a file that was moved away is made anew");
  private static final Setting<Boolean> ACCESS_LOG_QUERY =
      new Setting<>(
          "access-log-query",
          Group.TRAFFIC,
          SettingType.SWITCH,
          "off",
          "Whether the lines repeat queries, in which clients send tokens and signatures");
  private static final Setting<Integer> ACCESS_LOG_BUFFER =
      new Setting<>(
          "access-log-buffer-kib",
          Group.TRAFFIC,
          SettingType.number(64, 65_536),
          "1024",
          "Memory for lines that wait to be written, per event loop, rounded up to a power of two;"
              + " lines beyond it are dropped and counted");
  private static final Setting<Seeing.RequestIds> REQUEST_ID =
      new Setting<>(
          "request-id",
          Group.TRAFFIC,
          SettingType.oneOf(Seeing.RequestIds.class),
          "off",
          "Who names a request in X-Request-Id, for its backend and the access log: nobody here,"
              + " the router always, or its client if it sends a sound id");
  private static final Setting<Boolean> REQUEST_ID_ANSWER =
      new Setting<>(
          "request-id-answer",
          Group.TRAFFIC,
          SettingType.SWITCH,
          "off",
          "Whether answers carry X-Request-Id as well, where request-id is not off");
  private static final Setting<Integer> ROUTE_METRICS =
      new Setting<>(
          "route-metrics",
          Group.TRAFFIC,
          SettingType.number(0, 10_000),
          "100",
          "Routes with figures of their own, about 40 series each; those beyond count together as"
              + " other; 0 for no figures by route");
  private static final Setting<Duration> MIN_VERSION_WAIT =
      new Setting<>(
          "min-version-wait",
          Group.TRAFFIC,
          SettingType.duration(Duration.ZERO, Duration.ofSeconds(30)),
          "0s",
          "How long a request with Lockstep-Min-Version is held until that version is served here;"
              + " 0s to ignore the field");
  private static final Setting<Integer> MIN_VERSION_WAITING =
      new Setting<>(
          "min-version-waiting",
          Group.TRAFFIC,
          SettingType.number(1, 10_000),
          "100",
          "Such requests held at a time per event loop; more are refused with 503 and Retry-After");

  static final List<Setting<?>> ROWS =
      List.of(
          ACCESS_LOG,
          ACCESS_LOG_QUERY,
          ACCESS_LOG_BUFFER,
          REQUEST_ID,
          REQUEST_ID_ANSWER,
          ROUTE_METRICS,
          MIN_VERSION_WAIT,
          MIN_VERSION_WAITING);

  private SeeingSettings() {}

  static Seeing build(SettingTexts texts) {
    return new Seeing(
        texts.get(ACCESS_LOG),
        texts.get(ACCESS_LOG_QUERY),
        texts.get(ACCESS_LOG_BUFFER),
        new Seeing.RequestId(texts.get(REQUEST_ID), texts.get(REQUEST_ID_ANSWER)),
        texts.get(ROUTE_METRICS),
        new Seeing.MinVersion(texts.get(MIN_VERSION_WAIT), texts.get(MIN_VERSION_WAITING)));
  }
}
