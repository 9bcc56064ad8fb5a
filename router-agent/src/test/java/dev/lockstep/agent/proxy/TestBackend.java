package dev.lockstep.agent.proxy;

import dev.lockstep.core.config.Backend;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A backend on loopback that answers as it is told, and remembers what reached it. */
public final class TestBackend implements AutoCloseable {

  /** Answers on a connection until it returns; then the connection is closed. */
  public interface Script {

    /** Serves the connection. */
    void serve(Connection connection) throws IOException;
  }

  /** One connection, from the backend's side. */
  public final class Connection {
    private final Socket socket;
    private final InputStream in;

    Connection(Socket socket) throws IOException {
      this.socket = socket;
      this.in = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * {@return the next request that is whole, as its raw text, or an empty text when there is
     * none}
     */
    public String readRequest() throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      while (!text(bytes).endsWith("\r\n\r\n")) {
        int c = in.read();
        if (c < 0) {
          return "";
        }
        bytes.write(c);
      }
      String head = text(bytes);
      String lower = head.toLowerCase(Locale.ROOT);
      int length = lower.indexOf("\r\ncontent-length: ");
      if (length >= 0) {
        String value = lower.substring(length + 18, lower.indexOf("\r\n", length + 2));
        readBody(bytes, Integer.parseInt(value.strip()));
      } else if (lower.contains("\r\ntransfer-encoding: chunked")) {
        readChunks(bytes);
      }
      requests.add(text(bytes));
      return text(bytes);
    }

    private void readBody(ByteArrayOutputStream bytes, int length) throws IOException {
      byte[] body = in.readNBytes(length);
      if (body.length < length) {
        throw new IOException("closed within a body");
      }
      bytes.writeBytes(body);
    }

    private void readChunks(ByteArrayOutputStream bytes) throws IOException {
      while (!text(bytes).endsWith("\r\n0\r\n\r\n")
          && !(text(bytes).contains("\r\n0\r\n") && text(bytes).endsWith("\r\n\r\n"))) {
        int c = in.read();
        if (c < 0) {
          throw new IOException("closed within a body");
        }
        bytes.write(c);
      }
    }

    public void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
    }

    public void answer(String body) throws IOException {
      send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    public Socket socket() {
      return socket;
    }

    public InputStream in() {
      return in;
    }
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  private final ServerSocket server;
  private final Script script;
  private final Handshake handshake;
  private final Thread acceptor;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();

  public TestBackend(Script script) {
    this(script, socket -> socket);
  }

  /** Begins each connection like this before it serves it. */
  public interface Handshake {

    /** {@return the socket to go on with} */
    Socket begin(Socket plain) throws IOException;
  }

  /** Speaks TLS. */
  public TestBackend(Script script, Handshake handshake) {
    this.handshake = handshake;
    try {
      this.server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.script = script;
    this.acceptor = Thread.ofVirtual().start(this::accept);
  }

  /** {@return a backend that answers with the path, a letter long, when it may} */
  public static TestBackend allowed(Semaphore answers) {
    return new TestBackend(
        connection -> {
          String request = connection.readRequest();
          while (!request.isEmpty()) {
            answers.acquireUninterruptibly();
            connection.answer(request.substring(4, 6));
            request = connection.readRequest();
          }
        });
  }

  /** {@return a backend that answers every request with this body} */
  public static TestBackend saying(String body) {
    return new TestBackend(
        connection -> {
          while (!connection.readRequest().isEmpty()) {
            connection.answer(body);
          }
        });
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        sockets.add(socket);
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      script.serve(new Connection(handshake.begin(socket)));
    } catch (IOException e) {
      // The other side is gone, as some tests want it.
    } finally {
      sockets.remove(socket);
    }
  }

  public Backend.Endpoint endpoint() {
    return new Backend.Endpoint(
        "backend.localhost", server.getLocalPort(), Backend.Endpoint.State.READY);
  }

  public List<String> requests() {
    return requests;
  }

  public int connections() {
    return connections.get();
  }

  public int openConnections() {
    return sockets.size();
  }

  @Override
  public void close() {
    try {
      server.close();
      acceptor.join(); // Until then a connection may still be accepted.
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
