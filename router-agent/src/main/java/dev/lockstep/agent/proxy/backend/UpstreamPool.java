package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.BackendSettings;
import dev.lockstep.agent.proxy.ProxyLoop;
import dev.lockstep.agent.proxy.health.RetryBudget;
import dev.lockstep.agent.proxy.tls.TlsContexts;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.routing.Endpoints;
import dev.lockstep.core.routing.RouteTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * What one event loop knows of backends: their endpoints, how these are doing, and the connections
 * to them. Namespaces never share a connection, even to one address, so that nothing left on it by
 * one tenant's traffic can meet another's.
 *
 * <p>Event loops tell each other nothing: each finds out by its own requests, and probes by itself.
 * So nothing here is waited for, and no loop acts on what another believed a moment ago.
 *
 * <p>Confined to the event loop.
 */
public final class UpstreamPool {

  /** Backends that are remembered before those are looked for that no table has any more. */
  private static final int FEW = 256;

  /**
   * What can share a connection.
   *
   * @param namespace of the backend
   * @param address as the endpoint has it
   * @param port of the endpoint
   * @param protocol what is spoken on it
   */
  public record Key(String namespace, String address, int port, Backend.Protocol protocol) {

    /** {@return the same with another protocol} */
    Key speaking(Backend.Protocol other) {
      return protocol.equals(other) ? this : new Key(namespace, address, port, other);
    }
  }

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
  private final BackendSettings settings;
  private final Connector connector;
  private final RandomGenerator random;
  private final RetryBudget budget;
  private final int mostRequests;
  private final Map<Backend.Id, Fleet> fleets = new HashMap<>();
  private final Map<Key, Destination> destinations = new HashMap<>();
  private RouteTable table = RouteTable.EMPTY;
  private TlsContexts tls = TlsContexts.NONE;
  private int standings; // How often the standing of any endpoint has changed.
  private int sweepAt = FEW;

  /** Opens connections of this loop. */
  public UpstreamPool(ProxyLoop loop) {
    this.loop = loop;
    this.settings = loop.settings().backends();
    this.connector = new Connector(loop);
    this.random = new SplittableRandom(loop.seed());
    // Each loop has its share of what the replica may have.
    this.mostRequests =
        Math.ceilDiv(loop.settings().limits().requests(), loop.settings().eventLoops());
    this.budget = new RetryBudget(settings.retries().percent(), settings.retries().floor());
  }

  /**
   * Knows the backends of this table from now on, and what connections to them begin with; looks at
   * each when it is needed.
   */
  public void serve(RouteTable next, TlsContexts contexts) {
    table = next;
    tls = contexts;
  }

  /** {@return a way to connections, for one request after the other} */
  public Claim claim(Claim.Claimant by) {
    return new Claim(this, by);
  }

  /** Closes the connections that nobody, or anybody, can use. */
  public void close() {
    List<Destination> all = List.copyOf(destinations.values());
    destinations.clear();
    fleets.clear();
    all.forEach(Destination::close);
  }

  ProxyLoop loop() {
    return loop;
  }

  BackendSettings settings() {
    return settings;
  }

  Connector connector() {
    return connector;
  }

  RandomGenerator random() {
    return random;
  }

  RetryBudget budget() {
    return budget;
  }

  /** {@return whether as many requests are on their way as may be} */
  boolean isFull() {
    return budget.active() >= mostRequests;
  }

  long seed() {
    return loop.seed();
  }

  long now() {
    return System.nanoTime();
  }

  /** {@return how many endpoints are tried for one request} */
  int attempts() {
    return loop.settings().limits().attempts();
  }

  Fleet fleet(Endpoints endpoints) {
    Fleet known = fleets.get(endpoints.backend());
    if (known == null) {
      sweep();
      known = new Fleet(this);
      fleets.put(endpoints.backend(), known);
    }
    known.use(endpoints);
    return known;
  }

  /** Lets those go that are in the table no more; costs little, because it doubles each time. */
  private void sweep() {
    if (fleets.size() < sweepAt) {
      return;
    }
    List.copyOf(fleets.values()).forEach(this::renew);
    sweepAt = Math.max(FEW, 2 * fleets.size());
  }

  /** Lets a fleet have what the table says now. */
  void renew(Fleet fleet) {
    Backend.Id id = fleet.id();
    table
        .endpoints(id)
        .ifPresentOrElse(
            fleet::use,
            () -> {
              fleet.disband();
              if (fleet.isIdle()) {
                fleets.remove(id);
              }
            });
  }

  Destination destination(Endpoints of, Backend.Endpoint endpoint) {
    Key key = new Key(of.backend().namespace(), endpoint.address(), endpoint.port(), of.protocol());
    return destinations.computeIfAbsent(key, it -> new Destination(this, it, tls.of(of.backend())));
  }

  void forget(Destination destination) {
    destinations.remove(destination.key(), destination);
  }

  int standings() {
    return standings;
  }

  void standingChanged() {
    standings++;
  }
}
