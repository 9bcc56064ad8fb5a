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
import java.util.Locale;
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
  private static final int LONGEST_LINE = 16_384;
  private static final String CUT_SHORT = "closed in the middle of an answer";

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
      throw new UncheckedIOException("cannot connect to " + address, e);
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
      throw new UncheckedIOException("cannot connect to " + address, e);
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
      Reply reply = read((char) first, begunAt);
      whole = true;
      return reply;
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

  private Reply read(char first, long begunAt) throws IOException {
    String[] status = (first + line()).split(" ", 3);
    if (status.length < 2) {
      throw new IOException("no status line: " + String.join(" ", status));
    }
    Framing framing = new Framing(0, false);
    for (String line = line(); !line.isEmpty(); line = line()) {
      framing = header(framing, line);
    }
    String body = framing.chunked ? chunks() : text(exactly(framing.length));
    return new Reply(Integer.parseInt(status[1]), body, begunAt, System.nanoTime());
  }

  /** How the end of a body is found. */
  private record Framing(int length, boolean chunked) {}

  private Framing header(Framing framing, String line) {
    int colon = line.indexOf(':');
    String value = line.substring(colon + 1).strip();
    return switch (line.substring(0, colon).toLowerCase(Locale.ROOT)) {
      case "content-length" -> new Framing(Integer.parseInt(value), framing.chunked);
      case "transfer-encoding" ->
          new Framing(framing.length, value.toLowerCase(Locale.ROOT).contains("chunked"));
      case "connection" -> {
        usable &= !value.equalsIgnoreCase("close");
        yield framing;
      }
      default -> framing;
    };
  }

  private String chunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(line().split(";", 2)[0].strip(), 16);
      body.writeBytes(exactly(size));
      line();
      if (size == 0) {
        return text(body.toByteArray());
      }
    }
  }

  private byte[] exactly(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new SocketException(CUT_SHORT);
    }
    return bytes;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder(64);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0 || line.length() > LONGEST_LINE) {
        throw new SocketException(CUT_SHORT);
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
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
