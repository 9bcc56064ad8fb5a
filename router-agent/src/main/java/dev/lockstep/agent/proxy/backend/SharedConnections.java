package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.ProxyLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The HTTP/2 connections to one endpoint, each of which carries many requests at once. One is
 * opened at a time: who comes meanwhile waits for it. Confined to the event loop.
 */
final class SharedConnections {
  private final ProxyLoop loop;
  private final Connector connector;
  private final UpstreamPool.Key key;
  private final List<Http2Upstream> open = new ArrayList<>(2);
  private final Deque<UpstreamPool.Waiting> waiting = new ArrayDeque<>();
  private boolean opening;

  SharedConnections(ProxyLoop loop, Connector connector, UpstreamPool.Key key) {
    this.loop = loop;
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

  void connect(Duration timeout, UpstreamPool.Waiting by) {
    waiting.addLast(by);
    if (!opening) {
      opening = true;
      Http2Upstream connection = new Http2Upstream(loop, this::remove);
      connector.open(
          new Connector.Attempt(
              key,
              timeout,
              connection::begin,
              // AFTER the channel is active, which is when its preface is sent.
              _ -> loop.executor().execute(() -> opened(connection, timeout)),
              this::failed));
    }
  }

  private void opened(Http2Upstream connection, Duration timeout) {
    opening = false;
    open.add(connection);
    connection.ready();
    while (connection.hasRoom() && !waiting.isEmpty()) {
      waiting.removeFirst().connected(connection.stream());
    }
    if (!connection.isOpen()) {
      open.remove(connection);
      failed(UpstreamPool.Failure.UNREACHABLE);
    } else if (!waiting.isEmpty()) {
      connect(timeout, waiting.removeFirst());
    }
  }

  private void failed(UpstreamPool.Failure failure) {
    opening = false;
    List<UpstreamPool.Waiting> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(it -> it.failed(failure));
  }

  private void remove(Http2Upstream connection) {
    open.remove(connection);
  }

  boolean isUnused() {
    return open.isEmpty() && waiting.isEmpty() && !opening;
  }

  void close() {
    List.copyOf(open).forEach(Http2Upstream::close);
  }
}
