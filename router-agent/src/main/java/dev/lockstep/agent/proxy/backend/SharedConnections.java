package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.ProxyLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/2 connections to one endpoint, each of which carries many requests at once. One is
 * opened at a time: who comes meanwhile waits for it. Confined to the event loop.
 */
final class SharedConnections {
  private final Destination destination;
  private final ProxyLoop loop;
  private final List<Http2Upstream> open = new ArrayList<>(2);
  private final Deque<UpstreamPool.Waiting> waiting = new ArrayDeque<>();
  private Destination.@Nullable Opening opening;

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

  /** {@return the attempt that it waits for, with others perhaps} */
  Destination.Opening connect(Duration timeout, UpstreamPool.Waiting by) {
    waiting.addLast(by);
    Destination.Opening going = opening;
    return going == null ? open(timeout) : going.takeTrial();
  }

  private Destination.Opening open(Duration timeout) {
    Destination.Opening begun = destination.new Opening().takeTrial();
    opening = begun;
    Http2Upstream connection = new Http2Upstream(loop, this::remove);
    destination.open(
        new Connector.Attempt(
            destination.key(),
            timeout,
            connection::begin,
            // AFTER the channel is active, which is when its preface is sent.
            _ -> loop.executor().execute(() -> opened(begun, connection, timeout)),
            failure -> failed(begun, failure)));
    return begun;
  }

  private void opened(Destination.Opening begun, Http2Upstream connection, Duration timeout) {
    if (!connection.isOpen()) {
      failed(begun, UpstreamPool.Failure.UNREACHABLE);
      return;
    }
    begun.done();
    opening = null;
    open.add(connection);
    connection.ready();
    while (connection.hasRoom() && !waiting.isEmpty()) {
      waiting.removeFirst().connected(connection.stream());
    }
    // In the order in which they came: who is first now waits on as the first.
    if (!waiting.isEmpty() && opening == null) {
      open(timeout);
    }
  }

  private void failed(Destination.Opening begun, UpstreamPool.Failure failure) {
    begun.failed();
    opening = null;
    List<UpstreamPool.Waiting> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(it -> it.failed(failure));
  }

  private void remove(Http2Upstream connection) {
    open.remove(connection);
  }

  void close() {
    List.copyOf(open).forEach(Http2Upstream::close);
  }
}
