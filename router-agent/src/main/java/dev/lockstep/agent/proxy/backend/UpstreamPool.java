package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.ProxyLoop;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
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
   */
  public record Key(String namespace, String address, int port) {}

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
    TIMEOUT
  }

  private final ProxyLoop loop;
  private final Map<Key, Deque<Http1Upstream>> idle = new HashMap<>();

  /** Opens connections of this loop. */
  public UpstreamPool(ProxyLoop loop) {
    this.loop = loop;
  }

  /** {@return the connection that was used last, or null} */
  public @Nullable Upstream take(Key key) {
    Deque<Http1Upstream> waiting = idle.get(key);
    Http1Upstream taken = waiting == null ? null : waiting.pollLast();
    if (waiting != null && waiting.isEmpty()) {
      idle.remove(key);
    }
    return taken;
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

  /** Closes the idle connections. */
  public void close() {
    List<Http1Upstream> all = new ArrayList<>();
    idle.values().forEach(all::addAll);
    idle.clear();
    all.forEach(Http1Upstream::close);
  }

  /** Opens a connection. */
  public void connect(Key key, Duration timeout, Waiting waiting) {
    Optional<InetAddress> known = BackendAddress.known(key.address());
    if (known.isPresent()) {
      open(key, known.get(), timeout, waiting);
      return;
    }
    // The JDK's look-up blocks, so it gets a thread of its own; it obeys the pod's DNS settings.
    Thread.ofVirtual()
        .name("proxy-dns")
        .start(
            () -> {
              Optional<InetAddress> found = lookUp(key.address());
              loop.executor()
                  .execute(
                      () ->
                          found.ifPresentOrElse(
                              address -> open(key, address, timeout, waiting),
                              () -> fail(waiting, Failure.UNREACHABLE)));
            });
  }

  private static Optional<InetAddress> lookUp(String name) {
    try {
      return Optional.of(BackendAddress.lookUp(name));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  private void open(Key key, InetAddress address, Duration timeout, Waiting waiting) {
    if (!BackendAddress.isPermitted(key.address(), address)) {
      fail(waiting, Failure.UNREACHABLE);
      return;
    }
    new Bootstrap()
        .group(loop.executor())
        .channelFactory(loop.backendChannels())
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            (int) Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE))
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new Http1Upstream(UpstreamPool.this, key, channel));
              }
            })
        .connect(new InetSocketAddress(address, key.port()))
        .addListener(future -> opened((ChannelFuture) future, waiting));
  }

  private void opened(ChannelFuture future, Waiting waiting) {
    Http1Upstream connection = future.channel().pipeline().get(Http1Upstream.class);
    if (future.isSuccess() && connection != null) {
      loop.meters().connected();
      waiting.connected(connection);
    } else {
      boolean late = future.cause() instanceof ConnectTimeoutException;
      fail(waiting, late ? Failure.TIMEOUT : Failure.UNREACHABLE);
    }
  }

  private void fail(Waiting waiting, Failure failure) {
    loop.meters().connectFailed();
    waiting.failed(failure);
  }
}
