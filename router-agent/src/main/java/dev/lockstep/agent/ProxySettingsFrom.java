package dev.lockstep.agent;

import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.http.HeadLimits;
import dev.lockstep.agent.settings.AgentSettings;
import dev.lockstep.agent.settings.ListenAddress;
import java.util.List;

/** The data plane's settings out of all settings. */
final class ProxySettingsFrom {
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
        new ProxySettings.ProxyProtocol(
            traffic.proxies().from(),
            switch (traffic.proxies().header()) {
              case REQUIRED -> ProxySettings.ProxyProtocol.Header.REQUIRED;
              case OPTIONAL -> ProxySettings.ProxyProtocol.Header.OPTIONAL;
            }));
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
