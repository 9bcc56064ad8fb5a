package dev.lockstep.chaos.oracle;

import dev.lockstep.bench.load.HttpAnswer;
import dev.lockstep.local.process.AnyCertificate;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * One HTTP/1.1 connection of a client, in the clear or over TLS, that sends GET requests and is
 * kept open as long as the server lets it. It trusts every certificate: who answers is not what is
 * judged here. Confined to one thread.
 */
final class WebConnection implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(8);
  private static final SSLContext TRUSTING = AnyCertificate.accepted();

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private boolean usable = true;
  private boolean answered;

  private WebConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** {@return a connection to this address, that names this host if it is over TLS} */
  static WebConnection open(URI address, String host, Duration patience) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) patience.toMillis());
      socket.connect(
          new InetSocketAddress(address.getHost(), address.getPort()), (int) CONNECT.toMillis());
      return new WebConnection(address.getScheme().equals("https") ? tls(socket, host) : socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** {@return whether another request may be sent} */
  boolean usable() {
    return usable;
  }

  /** {@return whether a byte of an answer had come when the last exchange ended} */
  boolean answered() {
    return answered;
  }

  /** Sends a request and reads the whole answer. */
  WebReply get(String host, String path) throws IOException {
    answered = false;
    boolean whole = false;
    try {
      out.write(
          "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: lockstep-chaos\r\n\r\n"
              .formatted(path, host)
              .getBytes(StandardCharsets.US_ASCII));
      out.flush();
      int first = in.read();
      if (first < 0) {
        throw new SocketException("closed before an answer");
      }
      answered = true;
      HttpAnswer answer = HttpAnswer.read((char) first, in);
      whole = true;
      usable &= !answer.isLast();
      return new WebReply(answer.status(), version(answer), answer.body());
    } finally {
      usable &= whole;
    }
  }

  @Override
  public void close() {
    usable = false;
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed either way.
    }
  }

  private static OptionalLong version(HttpAnswer answer) {
    String version = answer.fields().get("lockstep-version");
    return version == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(version));
  }

  private static Socket tls(Socket socket, String host) throws IOException {
    SSLSocket secure =
        (SSLSocket) TRUSTING.getSocketFactory().createSocket(socket, host, socket.getPort(), true);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(host)));
    secure.setSSLParameters(parameters);
    secure.startHandshake();
    return secure;
  }
}
