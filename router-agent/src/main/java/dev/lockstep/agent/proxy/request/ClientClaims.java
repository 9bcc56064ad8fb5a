package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.account.RequestRecord;
import dev.lockstep.agent.proxy.http.Authority;
import dev.lockstep.agent.proxy.http.FieldSink;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

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
  private byte[] text = new byte[0];
  private Map<AsciiString, AsciiString> claims = Map.of();

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

  /** {@return who it is, in words, for what is written down about its requests} */
  RequestRecord.Peer peer(RequestRecord.Protocol protocol) {
    return new RequestRecord.Peer(addressText, scheme.text, protocol);
  }

  /** Of a client at this address. */
  public ClientClaims(Scheme scheme, ClientAddress client) {
    this.scheme = scheme;
    this.address = client.bytes();
    this.addressText = client.text();
  }

  Scheme scheme() {
    return scheme;
  }

  /** {@return what a cookie of our own says of itself to this client (RFC 6265 4.1.2)} */
  String cookieAttributes() {
    String plain = "; Path=/; HttpOnly; SameSite=Lax";
    return scheme == Scheme.HTTPS ? plain + "; Secure" : plain;
  }

  /** {@return the address of the client, 4 or 16 bytes, or none if it is not known} */
  byte[] address() {
    return address;
  }

  /** Writes the fields of a request to this authority, its host first. */
  void writeTo(ByteBuf out, Authority authority) {
    know(authority);
    out.writeBytes(text);
  }

  /** Hands on the same fields but the host, which HTTP/2 names elsewhere. */
  void sendTo(FieldSink sink, Authority authority) {
    know(authority);
    claims.forEach(sink::field);
  }

  private void know(Authority authority) {
    if (!authority.text().equals(forAuthority)) {
      claims = claims(authority);
      StringBuilder lines = new StringBuilder("host: ").append(authority.text()).append("\r\n");
      claims.forEach((name, value) -> lines.append(name).append(": ").append(value).append("\r\n"));
      text = lines.toString().getBytes(StandardCharsets.US_ASCII);
      forAuthority = authority.text();
    }
  }

  private Map<AsciiString, AsciiString> claims(Authority authority) {
    boolean v6 = addressText.indexOf(':') >= 0;
    String node = v6 ? "\"[" + addressText + "]\"" : addressText;
    String host = authority.text();
    Map<AsciiString, AsciiString> fields = new LinkedHashMap<>();
    fields.put(AsciiString.cached("x-forwarded-for"), AsciiString.of(addressText));
    fields.put(AsciiString.cached("x-real-ip"), AsciiString.of(addressText));
    fields.put(AsciiString.cached("x-forwarded-proto"), AsciiString.of(scheme.text));
    String port = Integer.toString(authority.portOr(scheme.port));
    fields.put(AsciiString.cached("x-forwarded-port"), AsciiString.of(port));
    fields.put(AsciiString.cached("x-forwarded-host"), AsciiString.of(host));
    String whole = "for=" + node + ";host=\"" + host + "\";proto=" + scheme.text;
    fields.put(AsciiString.cached("forwarded"), AsciiString.of(whole));
    return fields;
  }
}
