package dev.lockstep.agent.proxy.request;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * Where a client is, as rules about addresses and backends see it: at the other end of the
 * connection, or where a trusted proxy says that it is.
 *
 * @param ip absent if nobody knows; then no rule that names addresses lets it in
 */
public record ClientAddress(Optional<InetAddress> ip) {

  /** Nobody knows. */
  public static final ClientAddress UNKNOWN = new ClientAddress(Optional.empty());

  /** {@return the address of the other end of a connection} */
  public static ClientAddress of(SocketAddress peer) {
    return peer instanceof InetSocketAddress inet && inet.getAddress() != null
        ? of(inet.getAddress())
        : UNKNOWN;
  }

  /** {@return the client at this address} */
  public static ClientAddress of(InetAddress ip) {
    return new ClientAddress(Optional.of(ip));
  }

  /** {@return 4 or 16 bytes, or none if nobody knows} */
  public byte[] bytes() {
    return ip.map(InetAddress::getAddress).orElseGet(() -> new byte[0]);
  }

  /** {@return the address without a zone, or {@code unknown} (RFC 7239 6.2)} */
  String text() {
    String text = ip.map(InetAddress::getHostAddress).orElse("unknown");
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }
}
