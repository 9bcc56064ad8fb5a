package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.ProxyLoop;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
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

  private final Destination destination;
  private final ProxyLoop loop;
  private final List<Http2Upstream> open = new ArrayList<>(2);
  private final Deque<UpstreamPool.Waiting> waiting = new ArrayDeque<>();
  private Destination.@Nullable Opening opening; // For all that wait.
  private boolean http1;
  private long http1Since;

  SharedConnections(Destination destination) {
    this.destination = destination;
    this.loop = destination.loop();
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

  /** {@return whether the endpoint has agreed on HTTP/1.1 when it was asked last} */
  boolean isLastHttp1() {
    return http1;
  }

  /** {@return the attempt that it waits for, with others perhaps} */
  Destination.Opening connect(Duration timeout, UpstreamPool.Waiting by) {
    if (http1 && System.nanoTime() - http1Since < MEMORY) {
      return open(new Attempted(timeout, by));
    }
    waiting.addLast(by);
    Destination.Opening going = opening;
    return going == null ? openForAll(timeout) : going.takeTrial();
  }

  private Destination.Opening openForAll(Duration timeout) {
    Attempted attempted = new Attempted(timeout, null);
    opening = attempted.begun;
    return open(attempted);
  }

  private Destination.Opening open(Attempted attempted) {
    destination.open(destination.key().protocol(), attempted.timeout, attempted);
    return attempted.begun;
  }

  /** One connection that is being opened: for one alone, or for all that wait. */
  private final class Attempted implements Connector.Opener {
    private final Destination.Opening begun = destination.new Opening().takeTrial();
    private final Duration timeout;
    private final UpstreamPool.@Nullable Waiting single;
    private @Nullable Http2Upstream shared;

    Attempted(Duration timeout, UpstreamPool.@Nullable Waiting single) {
      this.timeout = timeout;
      this.single = single;
    }

    @Override
    public ChannelHandler reader(Channel channel, Connector.Http http) {
      return switch (http) {
        case ONE -> new Http1Upstream(destination, channel);
        case TWO -> {
          UpstreamPool.Key key = destination.key();
          Http2Upstream made = new Http2Upstream(loop, key, SharedConnections.this::remove);
          shared = made;
          yield made.begin(channel);
        }
      };
    }

    @Override
    public void opened(Channel channel, Connector.Http http) {
      Http2Upstream made = shared;
      if (made == null) {
        openedAlone(channel);
      } else {
        // AFTER the channel is active, which is when its preface is sent.
        loop.executor().execute(() -> openedShared(made));
      }
    }

    private void openedAlone(Channel channel) {
      begun.done();
      http1 = true;
      http1Since = System.nanoTime();
      List<UpstreamPool.Waiting> all = takeThoseWhoWait();
      if (all.isEmpty()) {
        // They have got a connection meanwhile that was opened for one alone.
        Http1Upstream.handOver(channel, new Parking(() -> {}));
        return;
      }
      Http1Upstream.handOver(channel, all.getFirst());
      all.subList(1, all.size()).forEach(it -> connect(timeout, it));
    }

    private void openedShared(Http2Upstream made) {
      if (!made.isOpen()) {
        failed(UpstreamPool.Failure.UNREACHABLE);
        return;
      }
      begun.done();
      http1 = false;
      UpstreamPool.Waiting one = single;
      if (one == null) {
        opening = null;
      } else {
        waiting.addFirst(one);
      }
      open.add(made);
      made.ready();
      while (made.hasRoom() && !waiting.isEmpty()) {
        waiting.removeFirst().connected(made.stream());
      }
      // In the order in which they came: who is first now waits on as the first.
      if (!waiting.isEmpty() && opening == null) {
        openForAll(timeout);
      }
    }

    @Override
    public void failed(UpstreamPool.Failure failure) {
      begun.failed();
      takeThoseWhoWait().forEach(it -> it.failed(failure));
    }

    /** {@return who waits for this connection, in the order in which they came} */
    private List<UpstreamPool.Waiting> takeThoseWhoWait() {
      UpstreamPool.Waiting one = single;
      if (one != null) {
        return List.of(one);
      }
      opening = null;
      List<UpstreamPool.Waiting> all = List.copyOf(waiting);
      waiting.clear();
      return all;
    }
  }

  private void remove(Http2Upstream connection) {
    open.remove(connection);
  }

  void close() {
    List.copyOf(open).forEach(Http2Upstream::close);
  }
}
