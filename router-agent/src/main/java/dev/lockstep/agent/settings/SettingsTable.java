package dev.lockstep.agent.settings;

import dev.lockstep.agent.settings.AgentSettings.Advertise;
import dev.lockstep.agent.settings.AgentSettings.Listen;
import dev.lockstep.agent.settings.AgentSettings.Logs;
import dev.lockstep.agent.settings.Setting.Group;
import dev.lockstep.core.protocol.Timings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The one table of all settings, and how the record tree is made from it. */
final class SettingsTable {
  static final Setting<Optional<Path>> CONFIG =
      new Setting<>(
          "config",
          Group.IDENTITY,
          SettingType.PATH.orNothing(),
          "",
          "File with settings, flat YAML or .properties; flags and environment go before it");

  private static final Setting<String> POD_NAME =
      new Setting<>("pod-name", Group.IDENTITY, SettingType.NAME, "", "Name of this pod");
  private static final Setting<String> POD_UID =
      new Setting<>("pod-uid", Group.IDENTITY, SettingType.TEXT, "", "uid of this pod");
  private static final Setting<String> POD_NAMESPACE =
      new Setting<>("pod-namespace", Group.IDENTITY, SettingType.NAME, "", "Namespace of this pod");
  private static final Setting<Optional<String>> NODE_NAME =
      new Setting<>(
          "node-name", Group.IDENTITY, SettingType.TEXT.orNothing(), "", "Node, for people only");
  private static final Setting<Optional<String>> POD_IP =
      new Setting<>(
          "pod-ip",
          Group.IDENTITY,
          SettingType.TEXT.orNothing(),
          "",
          "Address of this pod, from which the advertised URLs are derived");

  private static final Setting<List<ListenAddress>> HTTP_LISTEN =
      new Setting<>(
          "http-listen",
          Group.PORTS,
          SettingType.LISTEN_LIST,
          "0.0.0.0:8080",
          "Plain ports of the data plane; ?reuseport lets several processes share one");
  private static final Setting<List<ListenAddress>> HTTPS_LISTEN =
      new Setting<>(
          "https-listen",
          Group.PORTS,
          SettingType.LISTEN_LIST,
          "0.0.0.0:8443",
          "TLS ports of the data plane");
  private static final Setting<ListenAddress> API_LISTEN =
      new Setting<>(
          "api-listen", Group.PORTS, SettingType.LISTEN, "0.0.0.0:8090", "Port of the API");
  private static final Setting<ListenAddress> MESH_LISTEN =
      new Setting<>(
          "mesh-listen",
          Group.PORTS,
          SettingType.LISTEN,
          "0.0.0.0:8091",
          "Port for other replicas, TLS 1.3");
  private static final Setting<Optional<String>> HTTP_ADVERTISE = advertise("http", "http");
  private static final Setting<Optional<String>> HTTPS_ADVERTISE = advertise("https", "https");
  private static final Setting<Optional<String>> API_ADVERTISE = advertise("api", "http");
  private static final Setting<Optional<String>> MESH_ADVERTISE = advertise("mesh", "https");

  private static final Setting<Optional<Path>> KUBECONFIG =
      new Setting<>(
          "kubeconfig",
          Group.KUBERNETES,
          SettingType.PATH.orNothing(),
          "",
          "How to reach the API server; without it the ServiceAccount of the pod is used");
  private static final Setting<Path> MESH_TOKEN_FILE =
      new Setting<>(
          "mesh-token-file",
          Group.KUBERNETES,
          SettingType.PATH,
          "/var/run/secrets/lockstep/token",
          "Audience-bound ServiceAccount token that proves to the leader which pod this is");
  private static final Setting<String> LEASE =
      new Setting<>("lease", Group.KUBERNETES, SettingType.NAME, "lockstep", "Name of the Lease");
  private static final Setting<Optional<String>> LEASE_NAMESPACE =
      new Setting<>(
          "lease-namespace",
          Group.KUBERNETES,
          SettingType.NAME.orNothing(),
          "",
          "Namespace of the Lease; without it that of the pod");
  private static final Setting<String> POD_SELECTOR =
      new Setting<>(
          "pod-selector",
          Group.KUBERNETES,
          SettingType.TEXT,
          "app.kubernetes.io/name=lockstep",
          "Label selector of the pods of the mesh");
  private static final Setting<String> INGRESS_CLASS =
      new Setting<>(
          "ingress-class",
          Group.KUBERNETES,
          SettingType.NAME,
          "lockstep",
          "Class of the Ingresses that are served");
  private static final Setting<Optional<String>> PLATFORM_DOMAIN =
      new Setting<>(
          "platform-domain",
          Group.KUBERNETES,
          SettingType.NAME.orNothing(),
          "",
          "Domain appended to application domains that are a single word");

  private static final Setting<Path> STATE_DIR =
      new Setting<>(
          "state-dir",
          Group.STATE,
          SettingType.PATH,
          "/var/lib/lockstep",
          "Directory of the last-known-good config");
  private static final Setting<Optional<Path>> STATE_KEY_FILE =
      new Setting<>(
          "state-key-file",
          Group.STATE,
          SettingType.PATH.orNothing(),
          "",
          "Key that encrypts what is in that directory, made if missing; by default state.key in"
              + " it");

  private static final Setting<Logs.Format> LOG_FORMAT =
      new Setting<>(
          "log-format",
          Group.LOGS,
          SettingType.oneOf(Logs.Format.class),
          "json",
          "Shape of a line");
  private static final Setting<Logs.Level> LOG_LEVEL =
      new Setting<>(
          "log-level",
          Group.LOGS,
          SettingType.oneOf(Logs.Level.class),
          "info",
          "Least level that is written");

  private static final Setting<Integer> MAX_WAITERS =
      new Setting<>(
          "max-waiters",
          Group.API,
          SettingType.number(1, 100_000),
          "1000",
          "Blocking calls at the same time; more are refused with 503 and Retry-After");
  private static final Setting<Integer> MAX_SUBSCRIBERS =
      new Setting<>(
          "max-subscribers",
          Group.API,
          SettingType.number(1, 100_000),
          "100",
          "Event streams at the same time; more are refused with 503 and Retry-After");
  private static final Setting<Duration> API_CONNECT_TIMEOUT =
      new Setting<>(
          "api-connect-timeout",
          Group.API,
          SettingType.duration(Duration.ofMillis(10), Duration.ofSeconds(30)),
          "200ms",
          "Time to connect to the leader for a call that is passed on");
  private static final Setting<Duration> API_READ_TIMEOUT =
      new Setting<>(
          "api-read-timeout",
          Group.API,
          SettingType.duration(Duration.ofMillis(100), Duration.ofMinutes(1)),
          "2s",
          "Time for the leader's answer, beyond what the caller wants to wait");

  private static final Setting<Duration> SHUTDOWN_GRACE =
      new Setting<>(
          "shutdown-grace",
          Group.SHUTDOWN,
          SettingType.duration(Duration.ZERO, Duration.ofHours(1)),
          "20s",
          "What open requests get after the drain time is over");
  private static final Setting<Duration> SHUTDOWN_DEADLINE =
      new Setting<>(
          "shutdown-deadline",
          Group.SHUTDOWN,
          SettingType.duration(Duration.ofSeconds(1), Duration.ofHours(2)),
          "40s",
          "Time since SIGTERM after which the process ends whatever is left;"
              + " keep it below terminationGracePeriodSeconds");

  /** All rows, in the order of the reference page. */
  static final List<Setting<?>> ROWS =
      Stream.of(
              List.of(CONFIG, POD_NAME, POD_UID, POD_NAMESPACE, NODE_NAME, POD_IP),
              List.of(HTTP_LISTEN, HTTPS_LISTEN, API_LISTEN, MESH_LISTEN),
              List.of(HTTP_ADVERTISE, HTTPS_ADVERTISE, API_ADVERTISE, MESH_ADVERTISE),
              List.of(KUBECONFIG, MESH_TOKEN_FILE, LEASE, LEASE_NAMESPACE, POD_SELECTOR),
              List.of(INGRESS_CLASS, PLATFORM_DOMAIN, STATE_DIR, STATE_KEY_FILE),
              List.of(LOG_FORMAT, LOG_LEVEL),
              TrafficSettings.ROWS,
              SeeingSettings.ROWS,
              SpreadingSettings.ROWS,
              List.of(MAX_WAITERS, MAX_SUBSCRIBERS, API_CONNECT_TIMEOUT, API_READ_TIMEOUT),
              TimingSettings.ROWS,
              List.of(SHUTDOWN_GRACE, SHUTDOWN_DEADLINE))
          .<Setting<?>>flatMap(List::stream)
          .toList();

  private SettingsTable() {}

  /** {@return the settings; worth something only if the texts have no problem afterwards} */
  static AgentSettings build(SettingTexts texts) {
    AgentSettings.Pod pod = pod(texts);
    Listen listen =
        new Listen(
            texts.get(HTTP_LISTEN),
            texts.get(HTTPS_LISTEN),
            texts.get(API_LISTEN),
            texts.get(MESH_LISTEN));
    Timings timings = TimingSettings.build(texts);
    return new AgentSettings(
        pod,
        listen,
        advertise(texts, listen),
        kubernetes(texts, pod),
        new AgentSettings.State(texts.get(STATE_DIR), texts.get(STATE_KEY_FILE)),
        new Logs(texts.get(LOG_FORMAT), texts.get(LOG_LEVEL)),
        TrafficSettings.build(texts),
        SeeingSettings.build(texts),
        api(texts),
        timings,
        shutdown(texts, timings));
  }

  private static AgentSettings.Pod pod(SettingTexts texts) {
    return new AgentSettings.Pod(
        texts.get(POD_NAME),
        texts.get(POD_UID),
        texts.get(POD_NAMESPACE),
        texts.get(NODE_NAME).orElse(""));
  }

  private static Advertise advertise(SettingTexts texts, Listen listen) {
    AdvertisedUrls urls = new AdvertisedUrls(texts, texts.get(POD_IP));
    return new Advertise(
        urls.of(HTTP_ADVERTISE, listen.http()),
        urls.of(HTTPS_ADVERTISE, listen.https()),
        urls.of(API_ADVERTISE, List.of(listen.api())),
        urls.of(MESH_ADVERTISE, List.of(listen.mesh())));
  }

  private static AgentSettings.Kubernetes kubernetes(SettingTexts texts, AgentSettings.Pod pod) {
    return new AgentSettings.Kubernetes(
        texts.get(KUBECONFIG),
        texts.get(MESH_TOKEN_FILE),
        texts.get(LEASE),
        texts.get(LEASE_NAMESPACE).orElse(pod.namespace()),
        texts.get(POD_SELECTOR),
        texts.get(INGRESS_CLASS),
        texts.get(PLATFORM_DOMAIN));
  }

  private static AgentSettings.Api api(SettingTexts texts) {
    return new AgentSettings.Api(
        texts.get(MAX_WAITERS),
        texts.get(MAX_SUBSCRIBERS),
        texts.get(API_CONNECT_TIMEOUT),
        texts.get(API_READ_TIMEOUT));
  }

  private static AgentSettings.Shutdown shutdown(SettingTexts texts, Timings timings) {
    Duration grace = texts.get(SHUTDOWN_GRACE);
    Duration deadline = texts.get(SHUTDOWN_DEADLINE);
    if (deadline.compareTo(timings.drainTime().plus(grace)) < 0) {
      texts.complain(
          SHUTDOWN_DEADLINE.key(),
          deadline.toSeconds() + "s",
          "at least drain-time and shutdown-grace together");
    }
    return new AgentSettings.Shutdown(grace, deadline);
  }

  private static Setting<Optional<String>> advertise(String port, String scheme) {
    return new Setting<>(
        port + "-advertise",
        Group.PORTS,
        SettingType.url(scheme).orNothing(),
        "",
        "Where others reach the "
            + port
            + " port; without it derived from "
            + port
            + "-listen and pod-ip");
  }
}
