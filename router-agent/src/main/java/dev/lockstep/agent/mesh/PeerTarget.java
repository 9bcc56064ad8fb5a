package dev.lockstep.agent.mesh;

import dev.lockstep.core.protocol.Address;
import java.net.URI;
import java.util.Optional;

/**
 * Where to connect to, and the key that must be there.
 *
 * @param host name or IP literal, an IPv6 literal without brackets
 * @param port of the mesh
 * @param pin of the key
 */
record PeerTarget(String host, int port, Pin pin) {

  /** {@return the target that the address means; empty when it means none} */
  static Optional<PeerTarget> of(Address address) {
    return Pin.parse(address.spkiSha256())
        .flatMap(
            pin ->
                HostPort.of(address.mesh())
                    .filter(at -> address.mesh().startsWith("https://"))
                    .map(at -> new PeerTarget(at.host(), at.port(), pin)));
  }

  String name() {
    return host + ":" + port;
  }

  /** Where a port is. */
  record HostPort(String host, int port) {

    /** {@return host and port of a URL that names both} */
    static Optional<HostPort> of(String url) {
      try {
        URI uri = URI.create(url);
        String host = uri.getHost();
        if (host == null || uri.getPort() < 1 || uri.getPort() > 65535) {
          return Optional.empty();
        }
        boolean literal = host.startsWith("[") && host.endsWith("]");
        String bare = literal ? host.substring(1, host.length() - 1) : host;
        return Optional.of(new HostPort(bare, uri.getPort()));
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
  }
}
