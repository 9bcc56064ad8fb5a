package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.http.Authority;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * What a backend is told about the client: host, address, scheme. What a client says about itself
 * has been left out before, so these are the only claims, and they are true.
 *
 * <p>Confined to the event loop of its connection; the text is kept while the host stays the same.
 */
public final class ClientClaims {
  private final Scheme scheme;
  private final byte[] address;
  private final String addressText;
  private String forAuthority = "";
  private byte[] fields = new byte[0];

  /** What the client speaks with us. */
  public enum Scheme {
    HTTP("http", 80),
    HTTPS("https", 443);

    private final String text;
    private final int port;

    Scheme(String text, int port) {
      this.text = text;
      this.port = port;
    }
  }

  /** Of a client at this address. */
  public ClientClaims(Scheme scheme, SocketAddress peer) {
    this.scheme = scheme;
    InetAddress from = peer instanceof InetSocketAddress inet ? inet.getAddress() : null;
    this.address = from == null ? new byte[0] : from.getAddress();
    this.addressText = from == null ? "unknown" : text(from);
  }

  private static String text(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }

  Scheme scheme() {
    return scheme;
  }

  /** {@return the address of the peer, 4 or 16 bytes, or none if it is not known} */
  byte[] address() {
    return address;
  }

  /** Writes the fields of a request to this authority. */
  void writeTo(ByteBuf out, Authority authority) {
    if (!authority.text().equals(forAuthority)) {
      fields = encode(authority);
      forAuthority = authority.text();
    }
    out.writeBytes(fields);
  }

  private byte[] encode(Authority authority) {
    boolean v6 = addressText.indexOf(':') >= 0;
    String node = v6 ? "\"[" + addressText + "]\"" : addressText;
    String text =
        "host: "
            + authority.text()
            + "\r\nx-forwarded-for: "
            + addressText
            + "\r\nx-real-ip: "
            + addressText
            + "\r\nx-forwarded-proto: "
            + scheme.text
            + "\r\nx-forwarded-port: "
            + authority.portOr(scheme.port)
            + "\r\nx-forwarded-host: "
            + authority.text()
            + "\r\nforwarded: for="
            + node
            + ";host=\""
            + authority.text()
            + "\";proto="
            + scheme.text
            + "\r\n";
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
