package dev.lockstep.agent.settings;

import dev.lockstep.agent.settings.AgentSettings.Traffic;
import dev.lockstep.agent.settings.Setting.Group;
import java.time.Duration;
import java.util.List;

/** The rows of the data plane: its limits and time-outs. */
final class TrafficSettings {
  private static final Setting<Integer> EVENT_LOOPS =
      number("event-loops", 0, 256, 0, "Threads that serve requests; 0 for one per processor");
  private static final Setting<Boolean> VERSION_HEADER =
      new Setting<>(
          "version-header",
          Group.TRAFFIC,
          SettingType.SWITCH,
          "off",
          "Whether responses name the version that served them, Lockstep-Version");
  private static final Setting<Integer> REQUEST_LINE_BYTES =
      number("request-line-bytes", 64, 65_536, 8192, "Longest request line; longer is refused");
  private static final Setting<Integer> HEADER_BYTES =
      number("header-bytes", 1024, 1_048_576, 32_768, "Largest request head, its line included");
  private static final Setting<Integer> HEADER_FIELDS =
      number("header-fields", 8, 1000, 100, "Most header fields of a request");
  private static final Setting<Duration> HEAD_TIMEOUT =
      time("head-timeout", "10s", "Time from the first byte of a request to the end of its head");
  private static final Setting<Duration> HANDSHAKE_TIMEOUT =
      time("handshake-timeout", "10s", "Time for a TLS handshake");
  private static final Setting<Duration> IDLE_TIMEOUT =
      time("idle-timeout", "60s", "How long a client connection may wait for its next request");
  private static final Setting<Integer> MAX_CONNECTIONS =
      number("max-connections", 1, 1_000_000, 20_000, "Client connections at the same time");
  private static final Setting<Duration> BACKEND_IDLE_TIMEOUT =
      time("backend-idle-timeout", "30s", "How long an unused backend connection is kept");

  static final List<Setting<?>> ROWS =
      List.of(
          EVENT_LOOPS,
          VERSION_HEADER,
          REQUEST_LINE_BYTES,
          HEADER_BYTES,
          HEADER_FIELDS,
          HEAD_TIMEOUT,
          HANDSHAKE_TIMEOUT,
          IDLE_TIMEOUT,
          MAX_CONNECTIONS,
          BACKEND_IDLE_TIMEOUT);

  private TrafficSettings() {}

  static Traffic build(SettingTexts texts) {
    int line = texts.get(REQUEST_LINE_BYTES);
    int total = texts.get(HEADER_BYTES);
    if (total < line) {
      texts.complain(HEADER_BYTES.key(), Integer.toString(total), "at least request-line-bytes");
    }
    return new Traffic(
        texts.get(EVENT_LOOPS),
        texts.get(VERSION_HEADER),
        new Traffic.Head(line, total, texts.get(HEADER_FIELDS)),
        texts.get(HEAD_TIMEOUT),
        texts.get(HANDSHAKE_TIMEOUT),
        texts.get(IDLE_TIMEOUT),
        texts.get(MAX_CONNECTIONS),
        texts.get(BACKEND_IDLE_TIMEOUT));
  }

  private static Setting<Integer> number(
      String key, int least, int most, int standard, String doc) {
    return new Setting<>(
        key, Group.TRAFFIC, SettingType.number(least, most), Integer.toString(standard), doc);
  }

  private static Setting<Duration> time(String key, String standard, String doc) {
    return new Setting<>(
        key,
        Group.TRAFFIC,
        SettingType.duration(Duration.ofMillis(100), Duration.ofHours(1)),
        standard,
        doc);
  }
}
