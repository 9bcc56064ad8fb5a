package dev.lockstep.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A small web application: answers every request with JSON that says who answered and what was
 * asked. Thread-safe.
 */
public final class SampleBackend implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  private SampleBackend(String name, HttpServer server) {
    this.name = name;
    this.server = server;
  }

  /**
   * {@return a backend that listens on the loopback address}
   *
   * @param name its name, in its answers and in {@code NAME.localhost}
   * @param port where it listens
   */
  public static SampleBackend start(String name, int port) {
    // Without it each answer waits for an acknowledgement, 40 ms on Linux.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      SampleBackend backend = new SampleBackend(name, server);
      server.createContext("/", backend::answer);
      server.setExecutor(backend.executor);
      server.start();
      return backend;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + port, e);
    }
  }

  /** {@return its name} */
  public String name() {
    return name;
  }

  /** {@return where it listens} */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Stops at once. */
  @Override
  public void close() {
    server.stop(0);
    executor.close();
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    ObjectNode json = JSON.createObjectNode();
    json.put("backend", name);
    json.put("method", exchange.getRequestMethod());
    json.put("host", exchange.getRequestHeaders().getFirst("Host"));
    json.put("path", exchange.getRequestURI().toString());
    ObjectNode headers = json.putObject("headers");
    exchange
        .getRequestHeaders()
        .forEach((key, values) -> headers.put(key, String.join(", ", values)));
    byte[] body = (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(200, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }
}
