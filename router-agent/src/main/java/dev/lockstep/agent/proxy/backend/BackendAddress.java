package dev.lockstep.agent.proxy.backend;

import dev.lockstep.core.config.IpAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which addresses a backend may have. Endpoints are written by tenants, so an address must not
 * reach what only this machine can reach: link-local and cloud metadata services are refused, and
 * loopback too, except under a name below {@code localhost}, which says so (RFC 6761 6.3).
 */
final class BackendAddress {
  private static final byte[] LOOPBACK = {127, 0, 0, 1};

  /** Metadata services outside link-local: AWS over IPv6, Azure, Alibaba Cloud. */
  private static final List<byte[]> METADATA =
      List.of(parse("fd00:ec2::254"), parse("168.63.129.16"), parse("100.100.100.200"));

  private BackendAddress() {}

  private static byte[] parse(String text) {
    return IpAddress.parse(text).orElseThrow();
  }

  /** {@return the address that needs no look-up: of a literal, or of a name below localhost} */
  static Optional<InetAddress> known(String endpoint) {
    if (isLocalhost(endpoint)) {
      return Optional.of(address(LOOPBACK));
    }
    return IpAddress.parse(endpoint).map(BackendAddress::address);
  }

  /** {@return the first permitted address of a name; blocks} */
  static InetAddress lookUp(String name) throws UnknownHostException {
    for (InetAddress address : InetAddress.getAllByName(name)) {
      if (isPermitted(name, address)) {
        return address;
      }
    }
    throw new UnknownHostException("no permitted address");
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
    }
  }

  private static boolean isLocalhost(String endpoint) {
    String name = endpoint.toLowerCase(Locale.ROOT);
    String plain = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    return plain.endsWith(".localhost") && plain.length() > ".localhost".length();
  }

  /** {@return whether a connection to this address of the endpoint may be opened} */
  static boolean isPermitted(String endpoint, InetAddress address) {
    if (address.isLoopbackAddress()) {
      return isLocalhost(endpoint);
    }
    byte[] bytes = IpAddress.unmapped(address.getAddress());
    return !address.isLinkLocalAddress()
        && !address.isAnyLocalAddress()
        && !address.isMulticastAddress()
        && !(bytes.length == 4 && (bytes[0] == 0 || (bytes[0] & 255) >= 240))
        && METADATA.stream().noneMatch(metadata -> Arrays.equals(metadata, bytes))
        && !embedsIpv4(bytes);
  }

  /** IPv4-compatible, NAT64 and 6to4 forms are other ways to write an address refused above. */
  private static boolean embedsIpv4(byte[] bytes) {
    if (bytes.length != 16) {
      return false;
    }
    boolean compatible = true;
    for (int i = 0; i < 12; i++) {
      compatible &= bytes[i] == 0;
    }
    boolean nat64 = bytes[0] == 0 && bytes[1] == 0x64 && (bytes[2] & 255) == 0xff;
    boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 2;
    return compatible || nat64 || sixToFour;
  }
}
