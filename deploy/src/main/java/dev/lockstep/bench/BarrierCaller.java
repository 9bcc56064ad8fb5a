package dev.lockstep.bench;

import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * Waits on barriers as an application would: one connection that stays open to the API of each
 * replica, asked in turn, so that leader and followers answer alike. Confined to one thread.
 */
final class BarrierCaller implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final List<URI> replicas;
  private final HttpConnection[] connections;
  private int turn;

  /** Asks these replicas. */
  BarrierCaller(List<URI> replicas) {
    this.replicas = List.copyOf(replicas);
    this.connections = new HttpConnection[replicas.size()];
    for (int i = 0; i < connections.length; i++) {
      connections[i] = open(i);
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
    for (HttpConnection connection : connections) {
      connection.close();
    }
  }

  private Reply ask(RouteObjects.Route route, String rest) {
    int replica = turn;
    turn = (turn + 1) % connections.length;
    String target =
        "/v1/barriers?group=networking.k8s.io&kind=Ingress&namespace=%s&name=%s%s&timeout=%ds"
            .formatted(RouteObjects.NAMESPACE, route.name(), rest, TIMEOUT.toSeconds());
    byte[] request =
        HttpConnection.request("GET", replicas.get(replica).getAuthority(), target);
    if (!connections[replica].usable()) {
      connections[replica].close();
      connections[replica] = open(replica);
    }
    try {
      return connections[replica].exchange(request);
    } catch (UncheckedIOException e) {
      if (connections[replica].answered()) {
        throw e;
      }
      // The server gave up an idle connection: any client asks again.
      connections[replica] = open(replica);
      return connections[replica].exchange(request);
    }
  }

  private HttpConnection open(int replica) {
    return HttpConnection.open(replicas.get(replica), TIMEOUT.plusSeconds(5));
  }
}
