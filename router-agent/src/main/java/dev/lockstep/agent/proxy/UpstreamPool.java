package dev.lockstep.agent.proxy;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
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
final class UpstreamPool {

  /**
   * What can share a connection.
   *
   * @param namespace of the backend
   * @param address as the endpoint has it
   * @param port of the endpoint
   */
  record Key(String namespace, String address, int port) {}

  /** Waits for a connection. Each call ends one attempt. */
  interface Waiting {

    /** It stands. */
    void connected(UpstreamConnection connection);

    /** It does not, for this reason. */
    void failed(Failure failure);
  }

  /** Why there is no connection. */
  enum Failure {
    /** Refused, unreachable, unknown or not permitted. */
    UNREACHABLE,
    /** The time was up. */
    TIMEOUT
  }

  private final Worker worker;
  private final ChannelFactory<? extends Channel> channels;
  private final Map<Key, Deque<UpstreamConnection>> idle = new HashMap<>();

  UpstreamPool(Worker worker, ChannelFactory<? extends Channel> channels) {
    this.worker = worker;
    this.channels = channels;
  }

  /** {@return the connection that was used last, or null} */
  @Nullable UpstreamConnection take(Key key) {
    Deque<UpstreamConnection> waiting = idle.get(key);
    UpstreamConnection taken = waiting == null ? null : waiting.pollLast();
    if (waiting != null && waiting.isEmpty()) {
      idle.remove(key);
    }
    return taken;
  }

  /** Keeps the connection for the next request, unless there are enough. */
  void offer(UpstreamConnection connection) {
    Deque<UpstreamConnection> waiting =
        idle.computeIfAbsent(connection.key(), _ -> new ArrayDeque<>(4));
    if (waiting.size() >= worker.settings().limits().idleBackendConnections()) {
      connection.close();
      return;
    }
    waiting.addLast(connection);
  }

  /** Forgets a connection that is closed. */
  void remove(UpstreamConnection connection) {
    Deque<UpstreamConnection> waiting = idle.get(connection.key());
    if (waiting != null && waiting.remove(connection) && waiting.isEmpty()) {
      idle.remove(connection.key());
    }
  }

  void close() {
    List<UpstreamConnection> all = new ArrayList<>();
    idle.values().forEach(all::addAll);
    idle.clear();
    all.forEach(UpstreamConnection::close);
  }

  /** Opens a connection. */
  void connect(Key key, Duration timeout, Waiting waiting) {
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
              worker
                  .loop()
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
        .group(worker.loop())
        .channelFactory(channels)
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
                channel.pipeline().addLast(new UpstreamConnection(worker, key, channel));
              }
            })
        .connect(new InetSocketAddress(address, key.port()))
        .addListener(future -> opened((ChannelFuture) future, waiting));
  }

  private void opened(ChannelFuture future, Waiting waiting) {
    UpstreamConnection connection = future.channel().pipeline().get(UpstreamConnection.class);
    if (future.isSuccess() && connection != null) {
      worker.meters().connected();
      waiting.connected(connection);
    } else {
      boolean late = future.cause() instanceof ConnectTimeoutException;
      fail(waiting, late ? Failure.TIMEOUT : Failure.UNREACHABLE);
    }
  }

  private void fail(Waiting waiting, Failure failure) {
    worker.meters().connectFailed();
    waiting.failed(failure);
  }
}
