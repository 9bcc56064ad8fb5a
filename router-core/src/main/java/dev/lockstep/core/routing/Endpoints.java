package dev.lockstep.core.routing;

import dev.lockstep.core.config.Backend;
import java.util.List;

/**
 * The endpoints of a backend that take new requests: the ready ones, or the draining ones when
 * nothing is ready (KEP-1672: better served by a terminating endpoint than not at all).
 *
 * <p>Immutable.
 *
 * @param backend whose endpoints
 * @param protocol what they speak
 * @param serving in the order of the backend; empty means 503
 * @param affinity whether requests of one client belong together
 */
public record Endpoints(
    Backend.Id backend,
    Backend.Protocol protocol,
    List<Backend.Endpoint> serving,
    Backend.Affinity affinity) {

  public Endpoints {
    serving = List.copyOf(serving);
  }

  static Endpoints of(Backend backend) {
    List<Backend.Endpoint> ready = in(backend, Backend.Endpoint.State.READY);
    return new Endpoints(
        backend.id(),
        backend.protocol(),
        ready.isEmpty() ? in(backend, Backend.Endpoint.State.DRAINING) : ready,
        backend.affinity());
  }

  private static List<Backend.Endpoint> in(Backend backend, Backend.Endpoint.State state) {
    return backend.endpoints().stream().filter(e -> e.state() == state).toList();
  }

  /** {@return the same backend without any of them} */
  public Endpoints none() {
    return new Endpoints(backend, protocol, List.of(), affinity);
  }

  /** {@return how many there are} */
  public int size() {
    return serving.size();
  }
}
