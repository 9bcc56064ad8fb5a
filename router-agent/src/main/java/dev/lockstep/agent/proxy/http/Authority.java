package dev.lockstep.agent.proxy.http;

import dev.lockstep.core.config.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A host and perhaps a port, in the one form that routing, forwarding and logs share: lower case,
 * no trailing dot (RFC 9110 4.2.3). Keeps the last one that it read, because the requests of a
 * connection nearly always name the same. Not thread-safe: part of a head.
 */
public final class Authority {
  private static final int MAX_HOST = 253;
  private static final int MAX_PORT = 65535;

  private byte[] raw = new byte[0];
  private String host = "";
  private int port;
  private String text = "";

  /** {@return the host: a name, an IPv4 address, or an IPv6 address in brackets} */
  public String host() {
    return host;
  }

  /** {@return the port, or the given one when none was named} */
  public int portOr(int standard) {
    return port == 0 ? standard : port;
  }

  /** {@return host and, if it was named, the port; the same object until another one is read} */
  public String text() {
    return text;
  }

  /** Reads what stands between the places; false when it is not exactly host[:port]. */
  boolean read(byte[] bytes, int start, int end) {
    if (raw.length > 0 && Arrays.equals(raw, 0, raw.length, bytes, start, end)) {
      return true;
    }
    raw = new byte[0];
    boolean literal = start < end && bytes[start] == '[';
    int hostEnd = literal ? literalEnd(bytes, start, end) : nameEnd(bytes, start, end);
    if (hostEnd < 0 || !readPort(bytes, hostEnd, end)) {
      return false;
    }
    String given = new String(bytes, start, hostEnd - start, StandardCharsets.ISO_8859_1);
    if (!(literal ? readLiteral(given) : readName(given))) {
      return false;
    }
    text = port == 0 ? host : host + ":" + port;
    raw = Arrays.copyOfRange(bytes, start, end);
    return true;
  }

  /** {@return whether both name the same host and port, given what no port means} */
  boolean sameAs(Authority other, int standardPort) {
    return host.equals(other.host) && portOr(standardPort) == other.portOr(standardPort);
  }

  private static int literalEnd(byte[] bytes, int start, int end) {
    for (int i = start + 1; i < end; i++) {
      if (bytes[i] == ']') {
        return i + 1;
      }
    }
    return -1;
  }

  private static int nameEnd(byte[] bytes, int start, int end) {
    int i = start;
    while (i < end && Ascii.isHost(bytes[i])) {
      i++;
    }
    return i;
  }

  private boolean readPort(byte[] bytes, int from, int end) {
    port = 0;
    if (from == end) {
      return true;
    }
    if (bytes[from] != ':' || from + 1 == end || end - from > 6) {
      return false;
    }
    for (int i = from + 1; i < end; i++) {
      if (!Ascii.isDigit(bytes[i])) {
        return false;
      }
      port = port * 10 + (bytes[i] - '0');
    }
    return port >= 1 && port <= MAX_PORT;
  }

  private boolean readLiteral(String given) {
    String inner = given.substring(1, given.length() - 1);
    Optional<byte[]> address = inner.indexOf(':') < 0 ? Optional.empty() : IpAddress.parse(inner);
    address.ifPresent(bytes -> host = "[" + IpAddress.format(bytes) + "]");
    return address.isPresent();
  }

  private boolean readName(String given) {
    String name = given.endsWith(".") ? given.substring(0, given.length() - 1) : given;
    if (name.isEmpty()
        || name.length() > MAX_HOST
        || name.charAt(0) == '.'
        || name.endsWith(".")
        || name.contains("..")) {
      return false;
    }
    host = name.toLowerCase(Locale.ROOT);
    return true;
  }
}
