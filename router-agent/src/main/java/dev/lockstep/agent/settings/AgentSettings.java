package dev.lockstep.agent.settings;

import dev.lockstep.core.config.Cidr;
import dev.lockstep.core.protocol.Timings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that can be set, read once at start: flag before environment before file before
 * default. Docs: {@code lockstep agent --help} and docs/settings.md, both printed from the table
 * that this is read by. Immutable; holds no secrets, only paths to them.
 *
 * @param pod who this replica is
 * @param listen which ports it opens
 * @param advertise where others reach those ports
 * @param kubernetes what it reads and writes there
 * @param state what it keeps on disk
 * @param logs how it logs
 * @param traffic limits and time-outs of the data plane
 * @param seeing what the data plane tells of requests, and what these may ask
 * @param api limits and time-outs of the API
 * @param timings durations of the protocol
 * @param shutdown how it ends
 */
public record AgentSettings(
    Pod pod,
    Listen listen,
    Advertise advertise,
    Kubernetes kubernetes,
    State state,
    Logs logs,
    Traffic traffic,
    Seeing seeing,
    Api api,
    Timings timings,
    Shutdown shutdown) {

  /** Who this replica is, from the downward API. */
  public record Pod(String name, String uid, String namespace, String node) {}

  /** Which ports it opens; an empty list opens none. */
  public record Listen(
      List<ListenAddress> http, List<ListenAddress> https, ListenAddress api, ListenAddress mesh) {
    public Listen {
      http = List.copyOf(http);
      https = List.copyOf(https);
    }
  }

  /** Base URLs, {@code scheme://host:port}; empty for traffic ports that are not opened. */
  public record Advertise(String http, String https, String api, String mesh) {}

  /**
   * What it reads and writes in Kubernetes.
   *
   * @param kubeconfig absent means the ServiceAccount of the pod
   * @param meshTokenFile audience-bound token that proves to the leader which pod this is
   * @param leaseNamespace of the Lease and of the pods of the mesh
   * @param podSelector label selector of the pods of the mesh
   * @param ingressClass of the Ingresses that are served
   * @param platformDomain appended to application domains that are a single word
   */
  public record Kubernetes(
      Optional<Path> kubeconfig,
      Path meshTokenFile,
      String lease,
      String leaseNamespace,
      String podSelector,
      String ingressClass,
      Optional<String> platformDomain) {}

  /** The last-known-good config on disk, and the key that its private keys are encrypted with. */
  public record State(Path directory, Optional<Path> keyFile) {}

  /** How it logs. */
  public record Logs(Format format, Level level) {
    /** Shape of a line. */
    public enum Format {
      JSON,
      TEXT
    }

    /** What is left out. */
    public enum Level {
      TRACE,
      DEBUG,
      INFO,
      WARN,
      ERROR
    }
  }

  /**
   * Limits and time-outs of the data plane.
   *
   * @param eventLoops threads that serve requests; 0 for one per processor
   * @param http2 where clients may speak HTTP/2
   * @param versionHeader whether responses name the version that served them
   * @param head limits of one request head
   * @param headTimeout from the first byte of a request to the end of its head
   * @param handshakeTimeout of a TLS handshake
   * @param idleTimeout of a client connection between two requests
   * @param stallTimeout of a client that owes a piece of its body, or does not take its answer
   * @param maxConnections clients at the same time
   * @param maxRequests on their way to backends at the same time
   * @param lingerTimeout for a client to read a last answer after it was sent
   * @param backends how connections to backends are kept and tried
   * @param proxies which proxies in front of us say whom they bring
   */
  public record Traffic(
      int eventLoops,
      Http2 http2,
      boolean versionHeader,
      Head head,
      Duration headTimeout,
      Duration handshakeTimeout,
      Duration idleTimeout,
      Duration stallTimeout,
      int maxConnections,
      int maxRequests,
      Duration lingerTimeout,
      Backends backends,
      Proxies proxies) {

    /** Where clients may speak HTTP/2. */
    public enum Http2 {
      OFF,
      TLS,
      CLEARTEXT
    }

    /**
     * Proxies that begin their connections with the PROXY protocol.
     *
     * @param from where they are; empty for nowhere
     * @param header whether they must
     */
    public record Proxies(List<Cidr> from, Header header) {

      /** Whether a header must come. */
      public enum Header {
        REQUIRED,
        OPTIONAL
      }
    }

    /** How much of a request head is read at most: bytes of the first line, of all, and fields. */
    public record Head(int lineBytes, int totalBytes, int fields) {}

    /**
     * Connections to backends.
     *
     * @param idleTimeout how long an unused one is kept
     * @param idleConnections how many unused ones, per endpoint and event loop
     * @param attempts endpoints tried for one request until a connection stands
     * @param spreading how requests are spread, and what happens when endpoints fail
     */
    public record Backends(
        Duration idleTimeout, int idleConnections, int attempts, Spreading spreading) {}
  }

  /**
   * What the data plane tells of requests, and what these may ask.
   *
   * @param accessLog where to write a line per request
   * @param accessLogQuery whether the lines repeat queries
   * @param accessLogBufferKib memory for lines that wait, per event loop
   * @param requestId who names requests, and who hears the name
   * @param routes with figures of their own; 0 for no figures by route
   * @param minVersion whether requests may name a version
   */
  public record Seeing(
      AccessLogTarget accessLog,
      boolean accessLogQuery,
      int accessLogBufferKib,
      RequestId requestId,
      int routes,
      MinVersion minVersion) {

    /** Who names requests. */
    public enum RequestIds {
      OFF,
      ROUTER,
      CLIENT
    }

    /** Who names requests, and whether answers carry the name. */
    public record RequestId(RequestIds source, boolean answers) {}

    /** How long requests are held for a version, 0 for never, and how many per event loop. */
    public record MinVersion(Duration longest, int waiting) {}
  }

  /**
   * Limits and time-outs of the API.
   *
   * @param maxWaiters blocking calls at the same time
   * @param maxSubscribers event streams at the same time
   * @param connectTimeout of a call that is passed on to the leader
   * @param readTimeout of such a call, beyond what the caller wants to wait
   */
  public record Api(
      int maxWaiters, int maxSubscribers, Duration connectTimeout, Duration readTimeout) {}

  /**
   * How it ends.
   *
   * @param grace what open requests get after the last new one was taken
   * @param deadline since the signal, after which it ends whatever is left
   */
  public record Shutdown(Duration grace, Duration deadline) {}

  /**
   * Reads all settings.
   *
   * @param arguments flags of {@code lockstep agent}
   * @param environment of the process
   * @return the settings, or all that is wrong with them, or the help that was asked for
   */
  public static SettingsReading read(List<String> arguments, Map<String, String> environment) {
    if (arguments.contains("--help") || arguments.contains("-h")) {
      return new SettingsReading.Help(SettingsPage.help());
    }
    SettingTexts texts = SettingTexts.collect(arguments, environment);
    AgentSettings settings = SettingsTable.build(texts);
    return texts.problems().isEmpty()
        ? new SettingsReading.Read(settings)
        : new SettingsReading.Invalid(texts.problems());
  }
}
