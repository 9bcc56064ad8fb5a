package dev.lockstep.bench;

import dev.lockstep.bench.load.HttpConnection;
import dev.lockstep.bench.load.Reply;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Waits on barriers as an application would: one connection that stays open to the API of each
 * replica, asked in turn, so that leader and followers answer alike. Confined to one thread.
 */
final class BarrierCaller implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final List<URI> replicas;
  private final List<HttpConnection> connections = new ArrayList<>();
  private int turn;

  /** Asks these replicas. */
  BarrierCaller(List<URI> replicas) {
    this.replicas = List.copyOf(replicas);
    for (URI replica : this.replicas) {
      connections.add(open(replica));
    }
  }

  /** Waits until the Ingress at this resourceVersion is live everywhere. */
  Reply present(RouteObjects.Route route, String resourceVersion) {
    return ask(route, "&state=present&resourceVersion=" + resourceVersion);
  }

  /** Waits until the Ingress is gone everywhere. */
  Reply absent(RouteObjects.Route route) {
    return ask(route, "&state=absent");
  }

  @Override
  public void close() {
    connections.forEach(HttpConnection::close);
  }

  private Reply ask(RouteObjects.Route route, String rest) {
    int index = turn;
    turn = (turn + 1) % connections.size();
    URI replica = replicas.get(index);
    String target =
        "/v1/barriers?group=networking.k8s.io&kind=Ingress&namespace=%s&name=%s%s&timeout=%ds"
            .formatted(RouteObjects.NAMESPACE, route.name(), rest, TIMEOUT.toSeconds());
    byte[] request = HttpConnection.request("GET", replica.getAuthority(), target);
    HttpConnection connection = connections.get(index);
    try {
      if (connection.usable()) {
        return connection.exchange(request);
      }
    } catch (UncheckedIOException e) {
      if (connection.answered()) {
        throw e;
      }
      // The server gave up an idle connection: any client asks again.
    }
    connection.close();
    connections.set(index, open(replica));
    return connections.get(index).exchange(request);
  }

  private static HttpConnection open(URI replica) {
    return HttpConnection.open(replica, TIMEOUT.plusSeconds(5));
  }
}
