package dev.lockstep.chaos.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/** What one replica takes for the API server. Thread-safe. */
final class ApiProxy implements AutoCloseable {
  private static final int BACKLOG = 128;
  private static final int CONNECT_MILLIS = 2_000;

  private final ServerSocket listener;
  private final Way way;
  private final ApiRules rules = new ApiRules();
  private final Set<ApiConnection> connections = ConcurrentHashMap.newKeySet();

  /**
   * How it proves itself, and whom it passes requests on to.
   *
   * @param own what it proves itself with
   * @param server the API server
   * @param trusted what that proves itself by
   */
  record Way(SSLContext own, URI server, SSLContext trusted) {}

  private ApiProxy(ServerSocket listener, Way way) {
    this.listener = listener;
    this.way = way;
  }

  /** {@return a proxy on this port} */
  static ApiProxy start(int port, Way way) {
    try {
      ServerSocket listener = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
      ApiProxy proxy = new ApiProxy(listener, way);
      Thread.ofVirtual().name("api proxy").start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + port, e);
    }
  }

  URI address() {
    return URI.create("https://127.0.0.1:" + listener.getLocalPort());
  }

  ApiRules rules() {
    return rules;
  }

  /** {@return what goes through it now} */
  List<ApiConnection> connections() {
    return List.copyOf(connections);
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    connections().forEach(ApiConnection::close);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Thread.ofVirtual().name("api connection").start(() -> serve(client));
      } catch (IOException e) {
        return; // Closed: the only way out of accept here.
      }
    }
  }

  private void serve(Socket client) {
    Socket server = new Socket();
    try (client;
        server) {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      server.connect(
          new InetSocketAddress(way.server.getHost(), way.server.getPort()), CONNECT_MILLIS);
      ApiConnection connection =
          new ApiConnection(
              new ApiConnection.Ends(
                  client, Tls.on(client, way.own, false), Tls.on(server, way.trusted, true)),
              rules);
      connections.add(connection);
      try {
        connection.run();
      } finally {
        connections.remove(connection);
      }
    } catch (IOException e) {
      // One side has ended, or the API server is away: so has the other one, by now.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
