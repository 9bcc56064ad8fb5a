package dev.lockstep.agent.proxy.probe;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A backend that remembers every byte of every connection, whether or not it belongs to a request.
 * The first request may get a special answer; all others get a plain one with the path in its body.
 */
final class RecordingBackend implements AutoCloseable {

  /** Answers the first request, whose head is read. */
  interface Special {

    /** Answers, on this connection, the request with this head. */
    void answer(Connection to, String head) throws IOException;
  }

  /** One connection, and all that came on it. */
  final class Connection {
    private final Socket socket;
    private final InputStream in;
    private final ByteArrayOutputStream got = new ByteArrayOutputStream();
    private volatile boolean ended;

    Connection(Socket socket) throws IOException {
      this.socket = socket;
      this.in = socket.getInputStream();
    }

    synchronized String got() {
      return got.toString(StandardCharsets.ISO_8859_1);
    }

    private int read() throws IOException {
      int c = in.read();
      if (c < 0) {
        throw new EOFException();
      }
      synchronized (this) {
        got.write(c);
      }
      return c;
    }

    private String readTo(String end) throws IOException {
      StringBuilder text = new StringBuilder();
      while (text.indexOf(end, Math.max(0, text.length() - end.length())) < 0) {
        text.append((char) read());
      }
      return text.toString();
    }

    private void skip(int bytes) throws IOException {
      for (int i = 0; i < bytes; i++) {
        read();
      }
    }

    void readBody(String head) throws IOException {
      String lower = head.toLowerCase(Locale.ROOT);
      int length = lower.indexOf("\r\ncontent-length: ");
      if (length >= 0) {
        int from = length + "\r\ncontent-length: ".length();
        skip(Integer.parseInt(lower.substring(from, lower.indexOf('\r', from))));
      } else if (lower.contains("\r\ntransfer-encoding: chunked\r\n")) {
        int size = 1;
        while (size > 0) {
          size = Integer.parseInt(readTo("\r\n").strip(), 16);
          skip(size == 0 ? 0 : size + 2);
        }
        String trailer = readTo("\r\n");
        while (!trailer.equals("\r\n")) {
          trailer = readTo("\r\n");
        }
      }
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
    }

    void end() throws IOException {
      socket.close();
    }

    private void serve() throws IOException {
      while (true) {
        String head = readTo("\r\n\r\n");
        Special answer = takeSpecial();
        if (answer != null) {
          answer.answer(this, head);
        } else if (head.contains("\r\nupgrade: websocket\r\n")) {
          send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n");
          send("Sec-WebSocket-Accept: x\r\n\r\n");
          readTo(PING);
          send(PONG);
        } else {
          readBody(head);
          send(head.startsWith("HEAD ") ? plainHead(head) : plain(head.split(" ")[1]));
        }
      }
    }
  }

  static final String PING = "ping";
  static final String PONG = "pong";

  private final ServerSocket server;
  private final List<Connection> connections = new CopyOnWriteArrayList<>();
  private @Nullable Special special;

  RecordingBackend(@Nullable Special special) {
    this.special = special;
    try {
      server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  private synchronized @Nullable Special takeSpecial() {
    Special taken = special;
    special = null;
    return taken;
  }

  /** {@return the answer to a request with this target} */
  static String plain(String target) {
    String body = "served " + target;
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  private static String plainHead(String request) {
    String whole = plain(request.split(" ")[1]);
    return whole.substring(0, whole.indexOf("\r\n\r\n") + 4);
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        Connection connection = new Connection(socket);
        connections.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      }
    } catch (IOException e) {
      // Closed: the probe is over.
    }
  }

  private static void serve(Connection connection) {
    try (Socket _ = connection.socket) {
      connection.serve();
    } catch (IOException e) {
      // The other side has closed the connection.
    } finally {
      connection.ended = true;
    }
  }

  int port() {
    return server.getLocalPort();
  }

  /** {@return what came, by connection in their order, without those on which nothing came} */
  List<String> received() {
    return connections.stream().map(Connection::got).filter(got -> !got.isEmpty()).toList();
  }

  /** {@return how many connections are open} */
  long open() {
    return connections.stream().filter(connection -> !connection.ended).count();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Connection connection : connections) {
        connection.end();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
