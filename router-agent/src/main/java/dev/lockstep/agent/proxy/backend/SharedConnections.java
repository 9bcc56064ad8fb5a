package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.ProxyLoop;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/2 connections to one endpoint, each of which carries many requests at once. One is
 * opened at a time: who comes meanwhile waits for it. An endpoint that agreed on HTTP/1.1 in its
 * last handshake is taken to do so again: then each who waits opens a connection of its own.
 *
 * <p>Confined to the event loop.
 */
final class SharedConnections {
  /** How long it is believed that an endpoint does not speak HTTP/2. */
  private static final long MEMORY = TimeUnit.MINUTES.toNanos(1);

  private final UpstreamPool pool;
  private final ProxyLoop loop;
  private final Connector connector;
  private final UpstreamPool.Key key;
  private final List<Http2Upstream> open = new ArrayList<>(2);
  private final Deque<UpstreamPool.Waiting> waiting = new ArrayDeque<>();
  private boolean opening;
  private boolean http1;
  private long http1Since;

  SharedConnections(UpstreamPool pool, Connector connector, UpstreamPool.Key key) {
    this.pool = pool;
    this.loop = pool.loop();
    this.connector = connector;
    this.key = key;
  }

  /** {@return a stream of a connection that has room for one} */
  Optional<Upstream> take() {
    for (Http2Upstream connection : open) {
      if (connection.hasRoom()) {
        return Optional.of(connection.stream());
      }
    }
    return Optional.empty();
  }

  void connect(Optional<SslContext> tls, Duration timeout, UpstreamPool.Waiting by) {
    Attempted attempted = new Attempted(tls, timeout);
    if (speaksHttp1()) {
      attempted.single = by;
    } else {
      waiting.addLast(by);
      if (opening) {
        return;
      }
      opening = true;
    }
    connector.open(new Connector.Attempt(key, tls, timeout, attempted));
  }

  private boolean speaksHttp1() {
    http1 = http1 && System.nanoTime() - http1Since < MEMORY;
    return http1;
  }

  /** One connection that is being opened: for one alone, or for all that wait. */
  private final class Attempted implements Connector.Opening {
    private final Optional<SslContext> tls;
    private final Duration timeout;
    private UpstreamPool.@Nullable Waiting single;
    private @Nullable Http2Upstream connection;

    Attempted(Optional<SslContext> tls, Duration timeout) {
      this.tls = tls;
      this.timeout = timeout;
    }

    @Override
    public ChannelHandler reader(Channel channel, Connector.Http http) {
      return switch (http) {
        case ONE -> new Http1Upstream(pool, key, channel);
        case TWO -> {
          Http2Upstream made = new Http2Upstream(loop, key, SharedConnections.this::remove);
          connection = made;
          yield made.begin(channel);
        }
      };
    }

    @Override
    public void opened(Channel channel, Connector.Http http) {
      Http2Upstream shared = connection;
      if (shared == null) {
        openedAlone(channel);
      } else {
        // AFTER the channel is active, which is when its preface is sent.
        loop.executor().execute(() -> openedShared(shared));
      }
    }

    private void openedAlone(Channel channel) {
      http1 = true;
      http1Since = System.nanoTime();
      UpstreamPool.Waiting first = single;
      if (first != null) {
        UpstreamPool.handOver(channel, first);
        return;
      }
      opening = false;
      List<UpstreamPool.Waiting> all = List.copyOf(waiting);
      waiting.clear();
      UpstreamPool.handOver(channel, all.getFirst());
      all.subList(1, all.size()).forEach(it -> connect(tls, timeout, it));
    }

    private void openedShared(Http2Upstream shared) {
      http1 = false;
      UpstreamPool.Waiting first = single;
      if (first != null) {
        waiting.addFirst(first);
      } else {
        opening = false;
      }
      open.add(shared);
      shared.ready();
      while (shared.hasRoom() && !waiting.isEmpty()) {
        waiting.removeFirst().connected(shared.stream());
      }
      if (!shared.isOpen()) {
        open.remove(shared);
        failAll(UpstreamPool.Failure.UNREACHABLE);
      } else if (!waiting.isEmpty() && !opening) {
        connect(tls, timeout, waiting.removeFirst());
      }
    }

    @Override
    public void failed(UpstreamPool.Failure failure) {
      UpstreamPool.Waiting first = single;
      if (first != null) {
        first.failed(failure);
      } else {
        opening = false;
        failAll(failure);
      }
    }
  }

  private void failAll(UpstreamPool.Failure failure) {
    List<UpstreamPool.Waiting> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(it -> it.failed(failure));
  }

  private void remove(Http2Upstream connection) {
    open.remove(connection);
  }

  boolean isUnused() {
    return open.isEmpty() && waiting.isEmpty() && !opening && !speaksHttp1();
  }

  void close() {
    List.copyOf(open).forEach(Http2Upstream::close);
  }
}
