package dev.lockstep.local;

import dev.lockstep.local.process.AnyCertificate;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Asks one replica for any host, each time over a new connection, and looks at its certificate
 * instead of trusting it. The JDK's own client cannot send a host other than the one that it
 * connects to. Thread-safe.
 */
public final class TrafficClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final SSLContext tls = AnyCertificate.accepted();

  /**
   * What came back.
   *
   * @param status the HTTP status
   * @param headers by name in lower case; of several with one name, the last
   * @param body whole
   * @param certificate the server's own, over TLS
   */
  public record Answer(
      int status, Map<String, String> headers, String body, Optional<Certificate> certificate) {
    /** {@return whether a sample backend of this name answered} */
    public boolean from(String backend) {
      return status == 200 && body.contains("\"backend\" : \"" + backend + "\"");
    }
  }

  /**
   * {@return the answer of one replica}
   *
   * @param replica its address; the scheme decides about TLS
   * @param host for which host, also in the TLS handshake
   * @param path the request's target
   * @throws UncheckedIOException when there is no answer
   */
  public Answer get(URI replica, String host, String path) {
    try (Socket socket = connect(replica, host)) {
      String request =
          "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(path, host);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      Optional<Certificate> certificate =
          socket instanceof SSLSocket secure
              ? Optional.of(secure.getSession().getPeerCertificates()[0])
              : Optional.empty();
      return read(new BufferedInputStream(socket.getInputStream()), certificate);
    } catch (IOException e) {
      throw new UncheckedIOException(replica + " for " + host + path, e);
    }
  }

  private Socket connect(URI replica, String host) throws IOException {
    Socket plain = new Socket();
    plain.setTcpNoDelay(true);
    plain.setSoTimeout((int) TIMEOUT.toMillis());
    plain.connect(
        new InetSocketAddress(replica.getHost(), replica.getPort()), (int) TIMEOUT.toMillis());
    if (!replica.getScheme().equals("https")) {
      return plain;
    }
    SSLSocket secure =
        (SSLSocket) tls.getSocketFactory().createSocket(plain, host, replica.getPort(), true);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(host)));
    secure.setSSLParameters(parameters);
    secure.startHandshake();
    return secure;
  }

  private static Answer read(InputStream in, Optional<Certificate> certificate) throws IOException {
    String[] status = line(in).split(" ", 3);
    if (status.length < 2) {
      throw new IOException("no status line: " + String.join(" ", status));
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    byte[] body =
        "chunked".equals(headers.get("transfer-encoding")) ? chunks(in) : in.readAllBytes();
    return new Answer(
        Integer.parseInt(status[1]),
        headers,
        new String(body, StandardCharsets.UTF_8),
        certificate);
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
      if (size == 0) {
        return body.toByteArray();
      }
      body.writeBytes(in.readNBytes(size));
      line(in);
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("connection closed early");
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }
}
