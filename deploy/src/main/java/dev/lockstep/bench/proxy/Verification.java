package dev.lockstep.bench.proxy;

import dev.lockstep.bench.load.HttpConnection;
import dev.lockstep.bench.load.Reply;
import dev.lockstep.bench.tool.H2load.Protocol;
import dev.lockstep.local.cluster.Trust;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Asks each contender once for each body: what answers wrong is not measured. Thread-safe. */
final class Verification {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final SSLContext tls;

  /** Trusts the authority of this certificate alone. */
  Verification(String authorityPem) {
    tls = Trust.in(authorityPem);
  }

  /** {@return what it answers wrong, in words} */
  List<String> faults(Contender contender) {
    List<String> faults = new ArrayList<>();
    for (URI address : List.of(contender.http(), contender.https())) {
      try (HttpConnection connection = open(address)) {
        for (Body body : Body.values()) {
          ask(connection, address, body)
              .ifPresent(it -> faults.add(contender.product().text() + ": " + it));
        }
      } catch (UncheckedIOException e) {
        faults.add(contender.product().text() + ": " + e.getMessage());
      }
    }
    return faults;
  }

  /** {@return whether it takes HTTP/2 when a client offers both versions} */
  boolean negotiatesHttp2(Contender contender) {
    URI address = contender.https();
    try (SSLSocket socket =
        (SSLSocket) tls.getSocketFactory().createSocket(address.getHost(), address.getPort())) {
      socket.setSoTimeout((int) TIMEOUT.toMillis());
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(
          new String[] {Protocol.HTTP_2.alpn(), Protocol.HTTP_1_1.alpn()});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return Protocol.HTTP_2.alpn().equals(socket.getApplicationProtocol());
    } catch (IOException e) {
      throw new UncheckedIOException("handshake with " + address, e);
    }
  }

  /** {@return what is wrong with the answer} */
  private static Optional<String> ask(HttpConnection connection, URI address, Body body) {
    byte[] request = HttpConnection.request("GET", address.getAuthority(), body.path());
    Reply reply = connection.exchange(request);
    return reply.status() == 200 && reply.body().equals(body.content())
        ? Optional.empty()
        : Optional.of(
            "%s%s: status %d, %d characters (expected: 200 and the very body)"
                .formatted(address, body.path(), reply.status(), reply.body().length()));
  }

  private HttpConnection open(URI address) {
    return address.getScheme().equals("https")
        ? HttpConnection.open(address, TIMEOUT, tls)
        : HttpConnection.open(address, TIMEOUT);
  }
}
