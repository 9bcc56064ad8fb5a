package dev.lockstep.agent.proxy;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** A client that sends exactly the bytes it is given, and reads responses one by one. */
public final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 10_000;

  /**
   * One response.
   *
   * @param status its code
   * @param head status line and fields, in lower case
   * @param body without chunk framing
   */
  public record Response(int status, String head, String body) {

    public Optional<String> field(String name) {
      int at = head.indexOf("\r\n" + name + ": ");
      return at < 0
          ? Optional.empty()
          : Optional.of(
              head.substring(at + name.length() + 4, head.indexOf("\r\n", at + 2)).strip());
    }
  }

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  public RawClient(InetSocketAddress address) {
    this(open(address));
  }

  public RawClient(Socket socket) {
    try {
      this.socket = socket;
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      this.in = new BufferedInputStream(socket.getInputStream());
      this.out = socket.getOutputStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Socket open(InetSocketAddress address) {
    try {
      return new Socket(InetAddress.getLoopbackAddress(), address.getPort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public RawClient send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawClient send(byte[] bytes) {
    try {
      out.write(bytes);
      out.flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a GET and reads the response. */
  public Response get(String host, String path) {
    return send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n").read();
  }

  /** Reads one response to a request other than HEAD. */
  public Response read() {
    return read(true);
  }

  /** Reads one response to HEAD. */
  public Response readHead() {
    return read(false);
  }

  private Response read(boolean mayHaveBody) {
    try {
      String head = readTo("\r\n\r\n").toLowerCase(Locale.ROOT);
      Response bare = new Response(Integer.parseInt(head.substring(9, 12)), head, "");
      boolean empty =
          !mayHaveBody || bare.status() < 200 || bare.status() == 204 || bare.status() == 304;
      return empty ? bare : new Response(bare.status(), head, body(bare));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String body(Response head) throws IOException {
    if (head.field("transfer-encoding").isPresent()) {
      return chunks();
    }
    Optional<String> length = head.field("content-length");
    return text(length.isPresent() ? in.readNBytes(Integer.parseInt(length.get())) : readRest());
  }

  private String chunks() throws IOException {
    StringBuilder body = new StringBuilder();
    while (true) {
      int size = Integer.parseInt(line(), 16);
      if (size == 0) {
        String trailer = line();
        while (!trailer.isEmpty()) {
          body.append("[").append(trailer).append("]");
          trailer = line();
        }
        return body.toString();
      }
      body.append(text(in.readNBytes(size)));
      line();
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("closed within a line");
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }

  /** Reads until these bytes have come. */
  public void readUntil(String end) {
    try {
      readTo(end);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String readTo(String end) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (!text(bytes.toByteArray()).endsWith(end)) {
      int c = in.read();
      if (c < 0) {
        throw new IOException("closed after: " + text(bytes.toByteArray()));
      }
      bytes.write(c);
    }
    return text(bytes.toByteArray());
  }

  public byte[] readN(int bytes) {
    try {
      return in.readNBytes(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] readRest() throws IOException {
    return in.readAllBytes();
  }

  /** {@return whether the server closes the connection, after whatever it still sends} */
  public boolean isClosedByServer() {
    try {
      in.readAllBytes();
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  public Socket socket() {
    return socket;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
