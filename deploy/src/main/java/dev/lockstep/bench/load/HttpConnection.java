package dev.lockstep.bench.load;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * One HTTP/1.1 connection that is kept open, on a blocking socket: what lies between a byte on the
 * wire and its time stamp is one system call. Confined to one thread.
 */
public final class HttpConnection implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(2);

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private boolean usable = true;
  private boolean answering;

  private HttpConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** {@return a connection in the clear} */
  public static HttpConnection open(URI address, Duration readTimeout) {
    try {
      return new HttpConnection(
          connect(SocketFactory.getDefault().createSocket(), address, readTimeout));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot connect to " + address + ": " + e, e);
    }
  }

  /** {@return a connection over TLS to a server whose certificate names it} */
  public static HttpConnection open(URI address, Duration readTimeout, SSLContext tls) {
    try {
      SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket();
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      connect(socket, address, readTimeout);
      socket.startHandshake();
      return new HttpConnection(socket);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot connect to " + address + ": " + e, e);
    }
  }

  /** {@return a request without a body} */
  public static byte[] request(String method, String host, String target) {
    return ("%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: lockstep-bench\r\n\r\n"
            .formatted(method, target, host))
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** {@return a request with a JSON body} */
  public static byte[] request(String method, String host, String target, String json) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    String head =
        """
        %s %s HTTP/1.1\r
        Host: %s\r
        User-Agent: lockstep-bench\r
        Content-Type: application/json\r
        Content-Length: %d\r
        \r
        """
            .formatted(method, target, host, body.length);
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    request.writeBytes(body);
    return request.toByteArray();
  }

  /** {@return whether another request may be sent} */
  public boolean usable() {
    return usable;
  }

  /** {@return whether a byte of an answer had arrived when the last exchange ended} */
  public boolean answered() {
    return answering;
  }

  /** Sends a request and reads the whole answer. */
  public Reply exchange(byte[] request) {
    answering = false;
    boolean whole = false;
    try {
      out.write(request);
      out.flush();
      int first = in.read();
      long begunAt = System.nanoTime();
      if (first < 0) {
        throw new SocketException("closed before an answer");
      }
      answering = true;
      HttpAnswer answer = HttpAnswer.read((char) first, in);
      whole = true;
      usable &= !answer.isLast();
      return new Reply(answer.status(), answer.body(), begunAt, System.nanoTime());
    } catch (IOException e) {
      throw new UncheckedIOException(socket.getRemoteSocketAddress() + ": " + e.getMessage(), e);
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
      throw new UncheckedIOException(e);
    }
  }

  private static Socket connect(Socket socket, URI address, Duration readTimeout)
      throws IOException {
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) readTimeout.toMillis());
      socket.connect(
          new InetSocketAddress(address.getHost(), address.getPort()), (int) CONNECT.toMillis());
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }
}
