package dev.lockstep.agent;

import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.Seeing;
import dev.lockstep.agent.proxy.http.HeadLimits;
import dev.lockstep.agent.settings.AccessLogTarget;
import dev.lockstep.agent.settings.AgentSettings;
import dev.lockstep.agent.settings.ListenAddress;
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
            traffic.backends().idleConnections(),
            traffic.backends().attempts()),
        new ProxySettings.Timeouts(
            traffic.headTimeout(),
            traffic.idleTimeout(),
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
        seeing(settings.seeing()));
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
