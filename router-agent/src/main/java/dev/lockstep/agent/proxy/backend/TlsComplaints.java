package dev.lockstep.agent.proxy.backend;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people of handshakes with backends that failed, which somebody must mend: of each namespace
 * and server name once a minute, whatever the traffic is. Confined to the event loop.
 */
final class TlsComplaints {
  private static final Logger LOG = LoggerFactory.getLogger(TlsComplaints.class);
  private static final long PERIOD = TimeUnit.MINUTES.toNanos(1);

  private final Set<String> told = new HashSet<>();
  private long since = System.nanoTime();

  void tell(UpstreamPool.Key key, String serverName, String reason) {
    long now = System.nanoTime();
    if (now - since > PERIOD) {
      since = now;
      told.clear();
    }
    if (told.add(key.namespace() + '/' + serverName)) {
      LOG.atWarn()
          .addKeyValue("namespace", key.namespace())
          .addKeyValue("serverName", serverName)
          .addKeyValue("endpoint", key.address() + ":" + key.port())
          .addKeyValue("reason", reason)
          .log("TLS handshake with a backend failed");
    }
  }
}
