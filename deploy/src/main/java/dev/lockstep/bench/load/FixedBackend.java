package dev.lockstep.bench.load;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * A backend that answers every request with its name and costs next to nothing, so that what is
 * measured is the router. Takes requests without a body only. Thread-safe.
 */
public final class FixedBackend implements AutoCloseable {
  /**
   * A connection that does not fit is tried again after a second: that would be what is measured.
   */
  private static final int BACKLOG = 4096;

  private final String name;
  private final ServerSocket server;
  private final byte[] answer;
  private final Work work;

  private FixedBackend(String name, ServerSocket server, Work work) {
    this.name = name;
    this.server = server;
    this.work = work;
    this.answer =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(name.length(), name)
            .getBytes(StandardCharsets.US_ASCII);
  }

  /** What happens between a request and its answer. */
  private interface Work {
    void perform() throws InterruptedException;
  }

  /** {@return a backend of this name on a loopback port; 0 for any that is free} */
  public static FixedBackend start(String name, int port) {
    return start(name, port, () -> {});
  }

  /** {@return a backend that works on so many requests at a time, on each for so long} */
  public static FixedBackend working(String name, int atOnce, Duration each) {
    Semaphore places = new Semaphore(atOnce, true);
    return start(
        name,
        0,
        () -> {
          places.acquire();
          try {
            Thread.sleep(each);
          } finally {
            places.release();
          }
        });
  }

  private static FixedBackend start(String name, int port, Work work) {
    try {
      ServerSocket server = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
      FixedBackend backend = new FixedBackend(name, server, work);
      Thread.ofVirtual().name("backend " + name).start(backend::accept);
      return backend;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + port, e);
    }
  }

  /** {@return its name, which is what it answers} */
  public String name() {
    return name;
  }

  /** {@return where it listens} */
  public int port() {
    return server.getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().name("backend " + name).start(() -> serve(socket));
      } catch (IOException e) {
        return; // Closed: the only way out of accept here.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      while (readHead(in)) {
        work.perform();
        out.write(answer);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // The router went away; its requests are counted where they are sent.
    }
  }

  /** {@return whether there was a head; it ends with an empty line} */
  private static boolean readHead(InputStream in) throws IOException {
    int lineLength = 0;
    for (int c = in.read(); c >= 0; c = in.read()) {
      if (c == '\n' && lineLength == 0) {
        return true;
      }
      if (c != '\r') {
        lineLength = c == '\n' ? 0 : lineLength + 1;
      }
    }
    return false;
  }
}
