package dev.lockstep.agent.settings;

import dev.lockstep.agent.settings.AgentSettings.Traffic;
import dev.lockstep.agent.settings.Setting.Group;
import dev.lockstep.core.config.Cidr;
import java.time.Duration;
import java.util.List;

/** The rows of the data plane: its limits and time-outs. */
final class TrafficSettings {
  /** What a number may be, and what it is unless set. */
  record Range(int least, int most, int standard) {}

  private static final Setting<Integer> EVENT_LOOPS =
      number(
          "event-loops",
          new Range(0, 256, 0),
          "Threads that serve requests; 0 for one per processor");
  private static final Setting<Traffic.Http2> HTTP2 =
      new Setting<>(
          "http2",
          Group.TRAFFIC,
          SettingType.oneOf(Traffic.Http2.class),
          "tls",
          "Where clients may speak HTTP/2: nowhere, over TLS, or also on the plain ports, to which"
              + " they must come with prior knowledge");
  private static final Setting<Boolean> VERSION_HEADER =
      new Setting<>(
          "version-header",
          Group.TRAFFIC,
          SettingType.SWITCH,
          "off",
          "Whether responses name the version that served them, Lockstep-Version");
  private static final Setting<Integer> REQUEST_LINE_BYTES =
      number(
          "request-line-bytes",
          new Range(64, 65_536, 8192),
          "Longest request line; longer is refused");
  private static final Setting<Integer> HEADER_BYTES =
      number(
          "header-bytes",
          new Range(1024, 1_048_576, 32_768),
          "Largest request head, its line included");
  private static final Setting<Integer> HEADER_FIELDS =
      number("header-fields", new Range(8, 1000, 100), "Most header fields of a request");
  private static final Setting<Duration> HEAD_TIMEOUT =
      time("head-timeout", "10s", "Time from the first byte of a request to the end of its head");
  private static final Setting<Duration> HANDSHAKE_TIMEOUT =
      time("handshake-timeout", "10s", "Time for a TLS handshake");
  private static final Setting<Duration> IDLE_TIMEOUT =
      time("idle-timeout", "60s", "How long a client connection may wait for its next request");
  private static final Setting<Duration> STALL_TIMEOUT =
      time(
          "stall-timeout",
          "60s",
          "How long a client may send nothing of the body that it owes, or take nothing of its"
              + " answer");
  private static final Setting<Integer> MAX_CONNECTIONS =
      number(
          "max-connections",
          new Range(1, 1_000_000, 20_000),
          "Client connections at the same time");
  private static final Setting<Integer> MAX_REQUESTS =
      number(
          "max-requests",
          new Range(1, 1_000_000, 10_000),
          "Requests on their way to backends at the same time; more are answered with 503 and"
              + " Retry-After at once");
  private static final Setting<Duration> LINGER_TIMEOUT =
      time("linger-timeout", "1s", "Time for a client to read a last answer after it was sent");
  private static final Setting<Duration> BACKEND_IDLE_TIMEOUT =
      time(
          "backend-idle-timeout",
          "4s",
          "How long an unused backend connection is kept; keep it below what the backends do");
  private static final Setting<Integer> BACKEND_IDLE_CONNECTIONS =
      number(
          "backend-idle-connections",
          new Range(0, 10_000, 64),
          "Unused backend connections kept per endpoint and event loop");
  private static final Setting<Integer> BACKEND_ATTEMPTS =
      number(
          "backend-attempts",
          new Range(1, 100, 3),
          "Endpoints tried for one request until a connection stands");

  private static final Setting<List<Cidr>> PROXY_PROTOCOL_FROM =
      new Setting<>(
          "proxy-protocol-from",
          Group.TRAFFIC,
          SettingType.CIDR_LIST,
          "",
          "Addresses of proxies in front that begin their connections with the PROXY protocol,"
              + " version 1 or 2; from others it is refused");
  private static final Setting<Traffic.Proxies.Header> PROXY_PROTOCOL =
      new Setting<>(
          "proxy-protocol",
          Group.TRAFFIC,
          SettingType.oneOf(Traffic.Proxies.Header.class),
          "required",
          "Whether they must; where they need not, whoever they let through can write it instead");

  static final List<Setting<?>> ROWS =
      List.of(
          EVENT_LOOPS,
          HTTP2,
          VERSION_HEADER,
          REQUEST_LINE_BYTES,
          HEADER_BYTES,
          HEADER_FIELDS,
          HEAD_TIMEOUT,
          HANDSHAKE_TIMEOUT,
          IDLE_TIMEOUT,
          STALL_TIMEOUT,
          MAX_CONNECTIONS,
          MAX_REQUESTS,
          LINGER_TIMEOUT,
          BACKEND_IDLE_TIMEOUT,
          BACKEND_IDLE_CONNECTIONS,
          BACKEND_ATTEMPTS,
          PROXY_PROTOCOL_FROM,
          PROXY_PROTOCOL);

  private TrafficSettings() {}

  static Traffic build(SettingTexts texts) {
    int line = texts.get(REQUEST_LINE_BYTES);
    int total = texts.get(HEADER_BYTES);
    if (total < line) {
      texts.complain(HEADER_BYTES.key(), Integer.toString(total), "at least request-line-bytes");
    }
    return new Traffic(
        texts.get(EVENT_LOOPS),
        texts.get(HTTP2),
        texts.get(VERSION_HEADER),
        new Traffic.Head(line, total, texts.get(HEADER_FIELDS)),
        texts.get(HEAD_TIMEOUT),
        texts.get(HANDSHAKE_TIMEOUT),
        texts.get(IDLE_TIMEOUT),
        texts.get(STALL_TIMEOUT),
        texts.get(MAX_CONNECTIONS),
        texts.get(MAX_REQUESTS),
        texts.get(LINGER_TIMEOUT),
        new Traffic.Backends(
            texts.get(BACKEND_IDLE_TIMEOUT),
            texts.get(BACKEND_IDLE_CONNECTIONS),
            texts.get(BACKEND_ATTEMPTS),
            SpreadingSettings.build(texts)),
        new Traffic.Proxies(texts.get(PROXY_PROTOCOL_FROM), texts.get(PROXY_PROTOCOL)));
  }

  static Setting<Integer> number(String key, Range range, String doc) {
    return new Setting<>(
        key,
        Group.TRAFFIC,
        SettingType.number(range.least(), range.most()),
        Integer.toString(range.standard()),
        doc);
  }

  static Setting<Duration> time(String key, String standard, String doc) {
    return new Setting<>(
        key,
        Group.TRAFFIC,
        SettingType.duration(Duration.ofMillis(100), Duration.ofHours(1)),
        standard,
        doc);
  }
}
