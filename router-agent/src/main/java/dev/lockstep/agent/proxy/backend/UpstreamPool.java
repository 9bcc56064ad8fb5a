package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.ProxyLoop;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.BackendTls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Connections to backends of one event loop: keeps the idle ones, opens new ones. Namespaces never
 * share a connection, even to one address, so that nothing left on it by one tenant's traffic can
 * meet another's.
 *
 * <p>Confined to the event loop.
 */
public final class UpstreamPool {

  /**
   * What can share a connection.
   *
   * @param namespace of the backend
   * @param address as the endpoint has it
   * @param port of the endpoint
   * @param protocol what is spoken on it
   */
  public record Key(String namespace, String address, int port, Backend.Protocol protocol) {}

  /** Waits for a connection. Each call ends one attempt. */
  public interface Waiting {

    /** It stands. */
    void connected(Upstream connection);

    /** It does not, for this reason. */
    void failed(Failure failure);
  }

  /** Why there is no connection. */
  public enum Failure {
    /** Refused, unreachable, unknown or not permitted. */
    UNREACHABLE,
    /** The time was up. */
    TIMEOUT,
    /** Its certificate is not to be believed. */
    CERTIFICATE,
    /** The TLS handshake failed for another reason. */
    HANDSHAKE
  }

  private final ProxyLoop loop;
  private final Connector connector;
  private final Map<Key, Deque<Http1Upstream>> idle = new HashMap<>();
  private final Map<Key, SharedConnections> shared = new HashMap<>();

  /** Opens connections of this loop. */
  public UpstreamPool(ProxyLoop loop) {
    this.loop = loop;
    this.connector = new Connector(loop);
  }

  /** {@return a way that stands already, or null} */
  public @Nullable Upstream take(Key key) {
    if (key.protocol() != Backend.Cleartext.HTTP1) {
      SharedConnections known = shared.get(key);
      Optional<Upstream> stream = known == null ? Optional.empty() : known.take();
      if (stream.isPresent()) {
        return stream.get();
      }
    }
    Deque<Http1Upstream> waiting = idle.get(key);
    Http1Upstream lastUsed = waiting == null ? null : waiting.pollLast();
    if (waiting != null && waiting.isEmpty()) {
      idle.remove(key);
    }
    return lastUsed;
  }

  ProxyLoop loop() {
    return loop;
  }

  /** Keeps the connection for the next request, unless there are enough. */
  void offer(Http1Upstream connection) {
    Deque<Http1Upstream> waiting = idle.computeIfAbsent(connection.key(), _ -> new ArrayDeque<>(4));
    if (waiting.size() >= loop.settings().limits().idleBackendConnections()) {
      connection.close();
      return;
    }
    waiting.addLast(connection);
  }

  /** Forgets a connection that is closed. */
  void remove(Http1Upstream connection) {
    Deque<Http1Upstream> waiting = idle.get(connection.key());
    if (waiting != null && waiting.remove(connection) && waiting.isEmpty()) {
      idle.remove(connection.key());
    }
  }

  /** Closes the connections that nobody, or anybody, can use. */
  public void close() {
    List<Http1Upstream> all = new ArrayList<>();
    idle.values().forEach(all::addAll);
    idle.clear();
    all.forEach(Http1Upstream::close);
    shared.values().forEach(SharedConnections::close);
    shared.clear();
  }

  /** Opens a connection, which begins with this if it is not in the clear. */
  public void connect(Key key, Optional<SslContext> tls, Duration timeout, Waiting waiting) {
    if (maySpeakHttp2(key.protocol())) {
      shared.values().removeIf(SharedConnections::isUnused);
      shared
          .computeIfAbsent(key, _ -> new SharedConnections(this, connector, key))
          .connect(tls, timeout, waiting);
    } else {
      connector.open(new Connector.Attempt(key, tls, timeout, new Alone(key, waiting)));
    }
  }

  private static boolean maySpeakHttp2(Backend.Protocol protocol) {
    return switch (protocol) {
      case Backend.Cleartext.HTTP1 -> false;
      case Backend.Cleartext.H2C -> true;
      case BackendTls tls -> tls.versions() == BackendTls.Versions.HTTP2_OR_HTTP1;
    };
  }

  /** One connection of HTTP/1.1, for one who waits. */
  private final class Alone implements Connector.Opening {
    private final Key key;
    private final Waiting waiting;

    Alone(Key key, Waiting waiting) {
      this.key = key;
      this.waiting = waiting;
    }

    @Override
    public ChannelHandler reader(Channel channel, Connector.Http http) {
      return new Http1Upstream(UpstreamPool.this, key, channel);
    }

    @Override
    public void opened(Channel channel, Connector.Http http) {
      handOver(channel, waiting);
    }

    @Override
    public void failed(Failure failure) {
      waiting.failed(failure);
    }
  }

  static void handOver(Channel channel, Waiting waiting) {
    Http1Upstream connection = channel.pipeline().get(Http1Upstream.class);
    if (connection == null) {
      waiting.failed(Failure.UNREACHABLE);
    } else {
      waiting.connected(connection);
    }
  }
}
