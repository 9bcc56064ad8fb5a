package dev.lockstep.agent;

import dev.lockstep.agent.proxy.BackendSettings;
import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.Seeing;
import dev.lockstep.agent.proxy.health.EndpointOrder;
import dev.lockstep.agent.proxy.health.Recovery;
import dev.lockstep.agent.proxy.http.HeadLimits;
import dev.lockstep.agent.settings.AccessLogTarget;
import dev.lockstep.agent.settings.AgentSettings;
import dev.lockstep.agent.settings.ListenAddress;
import dev.lockstep.agent.settings.Spreading;
import java.util.List;
import java.util.Optional;

/** The data plane's settings out of all settings. */
final class ProxySettingsFrom {
  private static final int KIB = 1024;

  private ProxySettingsFrom() {}

  static ProxySettings of(AgentSettings settings) {
    AgentSettings.Traffic traffic = settings.traffic();
    return new ProxySettings(
        listen(settings.listen().http()),
        listen(settings.listen().https()),
        traffic.eventLoops() == 0
            ? Runtime.getRuntime().availableProcessors()
            : traffic.eventLoops(),
        new ProxySettings.Limits(
            new HeadLimits(
                traffic.head().lineBytes(), traffic.head().totalBytes(), traffic.head().fields()),
            traffic.maxConnections(),
            traffic.maxRequests(),
            traffic.backends().idleConnections(),
            traffic.backends().attempts()),
        new ProxySettings.Timeouts(
            traffic.headTimeout(),
            traffic.idleTimeout(),
            traffic.stallTimeout(),
            traffic.handshakeTimeout(),
            traffic.lingerTimeout(),
            traffic.backends().idleTimeout(),
            settings.timings().fenceTime()),
        switch (traffic.http2()) {
          case OFF -> ProxySettings.Http2.OFF;
          case TLS -> ProxySettings.Http2.TLS;
          case CLEARTEXT -> ProxySettings.Http2.CLEARTEXT;
        },
        traffic.versionHeader()
            ? ProxySettings.VersionHeader.SHOWN
            : ProxySettings.VersionHeader.HIDDEN,
        seeing(settings.seeing()),
        backends(settings.pod().uid(), traffic.backends().spreading()),
        proxyProtocol(traffic.proxies()));
  }

  private static ProxySettings.ProxyProtocol proxyProtocol(AgentSettings.Traffic.Proxies proxies) {
    return new ProxySettings.ProxyProtocol(
        proxies.from(),
        switch (proxies.header()) {
          case REQUIRED -> ProxySettings.ProxyProtocol.Header.REQUIRED;
          case OPTIONAL -> ProxySettings.ProxyProtocol.Header.OPTIONAL;
        });
  }

  private static Seeing seeing(AgentSettings.Seeing settings) {
    return new Seeing(
        accessLog(settings),
        requestId(settings.requestId()),
        settings.routes(),
        settings.minVersion().longest().isZero()
            ? Optional.empty()
            : Optional.of(
                new Seeing.MinVersion(
                    settings.minVersion().longest(), settings.minVersion().waiting())));
  }

  private static Optional<Seeing.Log> accessLog(AgentSettings.Seeing settings) {
    Seeing.Log.Query query =
        settings.accessLogQuery() ? Seeing.Log.Query.KEPT : Seeing.Log.Query.LEFT_OUT;
    // Rounded up, and at least 64 KiB, so that its logarithm is whole.
    int bytes = Integer.highestOneBit(settings.accessLogBufferKib() * 2 - 1) * KIB;
    return switch (settings.accessLog()) {
      case AccessLogTarget.Plain.OFF -> Optional.empty();
      case AccessLogTarget.Plain.STDOUT ->
          Optional.of(new Seeing.Log(Optional.empty(), query, bytes));
      case AccessLogTarget.File file ->
          Optional.of(new Seeing.Log(Optional.of(file.path()), query, bytes));
    };
  }

  private static Seeing.RequestId requestId(AgentSettings.Seeing.RequestId settings) {
    Seeing.RequestId.Answers answers =
        settings.answers() ? Seeing.RequestId.Answers.WITH : Seeing.RequestId.Answers.WITHOUT;
    return switch (settings.source()) {
      case OFF -> Seeing.RequestId.NONE;
      case ROUTER -> new Seeing.RequestId(Seeing.RequestId.Source.ROUTER, answers);
      case CLIENT -> new Seeing.RequestId(Seeing.RequestId.Source.CLIENT, answers);
    };
  }

  /** Pods have uids that are drawn, so each replica has a seed of its own. */
  private static BackendSettings backends(String podUid, Spreading spreading) {
    return new BackendSettings(
        EndpointOrder.hash(podUid),
        switch (spreading.balancing()) {
          case ROUND_ROBIN -> BackendSettings.Balancing.ROUND_ROBIN;
          case LEAST_REQUEST -> BackendSettings.Balancing.LEAST_REQUEST;
        },
        Recovery.of(
            spreading.ejection().failures(),
            spreading.ejection().time(),
            spreading.ejection().mostTime()),
        spreading.ejection().percent(),
        new BackendSettings.Connecting(
            spreading.connecting().patience(),
            spreading.connecting().perSecond(),
            spreading.connecting().spares()),
        new BackendSettings.Bound(
            spreading.bound().requests(), spreading.bound().waiting(), spreading.bound().target()),
        new BackendSettings.Retries(spreading.retries().percent(), spreading.retries().floor()));
  }

  private static List<ProxySettings.Listen> listen(List<ListenAddress> addresses) {
    return addresses.stream()
        .map(
            at ->
                new ProxySettings.Listen(
                    at.host(),
                    at.port(),
                    at.sharing() == ListenAddress.Sharing.REUSE_PORT
                        ? ProxySettings.Listen.Sharing.SHARED
                        : ProxySettings.Listen.Sharing.ALONE))
        .toList();
  }
}
