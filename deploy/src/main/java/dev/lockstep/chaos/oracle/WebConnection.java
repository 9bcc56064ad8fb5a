package dev.lockstep.chaos.oracle;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * One HTTP/1.1 connection of a client, in the clear or over TLS, that sends GET requests and is
 * kept open as long as the server lets it. It trusts every certificate: who answers is not what is
 * judged here. Confined to one thread.
 */
final class WebConnection implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(8);
  private static final int LONGEST_LINE = 16_384;
  private static final SSLContext TRUSTING = trusting();

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
      WebReply reply = read((char) first);
      whole = true;
      return reply;
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

  private WebReply read(char first) throws IOException {
    String[] status = (first + line()).split(" ", 3);
    int length = 0;
    boolean chunked = false;
    OptionalLong version = OptionalLong.empty();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      String value = line.substring(colon + 1).strip().toLowerCase(Locale.ROOT);
      switch (line.substring(0, colon).toLowerCase(Locale.ROOT)) {
        case "content-length" -> length = Integer.parseInt(value);
        case "transfer-encoding" -> chunked = value.contains("chunked");
        case "connection" -> usable &= !value.equals("close");
        case "lockstep-version" -> version = OptionalLong.of(Long.parseLong(value));
        default -> {
          // Of no interest here.
        }
      }
    }
    String body = chunked ? chunks() : text(exactly(length));
    return new WebReply(Integer.parseInt(status[1]), version, body);
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
      throw new SocketException("closed in the middle of an answer");
    }
    return bytes;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder(64);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0 || line.length() > LONGEST_LINE) {
        throw new SocketException("closed in the middle of an answer");
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

  private static Socket tls(Socket socket, String host) throws IOException {
    SSLSocket secure =
        (SSLSocket) TRUSTING.getSocketFactory().createSocket(socket, host, socket.getPort(), true);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(host)));
    secure.setSSLParameters(parameters);
    secure.startHandshake();
    return secure;
  }

  private static SSLContext trusting() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
