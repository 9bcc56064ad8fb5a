package dev.lockstep.core.routing;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.OrderedMap;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.TlsBinding;
import dev.lockstep.core.config.Version;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One config, compiled: what every request and every TLS handshake is looked up in. A data plane
 * replaces it whole, so a request sees one version only.
 *
 * <p>An exact host beats a wildcard, a wildcard covers exactly one label, and the host {@code *}
 * takes what nobody else knows. A host that is known is never continued elsewhere: if none of its
 * rules covers the path, the wildcard above it, perhaps another tenant's, does not get the request.
 *
 * <p>Immutable. The table of a changed config shares all unchanged hosts and backends.
 */
public final class RouteTable {

  /** Serves nothing; what a data plane has before its first config. */
  public static final RouteTable EMPTY =
      new RouteTable(Snapshot.NONE, OrderedMap.empty(), OrderedMap.empty());

  private static final String ANY = "*";
  private static final String ROUTE_KEYS = "route/";
  private static final String BACKEND_KEYS = "backend/";

  private final Snapshot snapshot;
  private final OrderedMap<HostRules> hosts;
  private final OrderedMap<Endpoints> backends;

  private RouteTable(
      Snapshot snapshot, OrderedMap<HostRules> hosts, OrderedMap<Endpoints> backends) {
    this.snapshot = snapshot;
    this.hosts = hosts;
    this.backends = backends;
  }

  /** {@return the table of this snapshot, built from nothing} */
  public static RouteTable compile(Snapshot snapshot) {
    return EMPTY.update(snapshot, RouterConfig.EMPTY.changesTo(snapshot.config()));
  }

  /**
   * {@return the table of the next snapshot, at the cost of the change}
   *
   * @param next what to serve
   * @param changes from this table's config to the next one's, exactly
   */
  public RouteTable update(Snapshot next, RouterConfig.Changes changes) {
    SortedSet<String> changedHosts = new TreeSet<>();
    OrderedMap<Endpoints> changed = backends;
    for (String key : changes.removals()) {
      if (key.startsWith(ROUTE_KEYS)) {
        changedHosts.add(hostOf(key));
      } else if (key.startsWith(BACKEND_KEYS)) {
        changed = changed.without(key);
      }
    }
    for (Entry entry : changes.puts()) {
      switch (entry) {
        case Route route -> changedHosts.add(route.host());
        case Backend backend -> changed = changed.with(backend.key(), Endpoints.of(backend));
        // Both are looked up in the config itself, once per handshake.
        case Certificate _, TlsBinding _ -> {}
      }
    }
    return new RouteTable(next, withHosts(changedHosts, next.config()), changed);
  }

  private static String hostOf(String routeKey) {
    return routeKey.substring(ROUTE_KEYS.length(), routeKey.indexOf('/', ROUTE_KEYS.length()));
  }

  private OrderedMap<HostRules> withHosts(SortedSet<String> changed, RouterConfig config) {
    OrderedMap<HostRules> result = hosts;
    for (String host : changed) {
      HostRules rules = HostRules.compile(config.routes(host));
      result = rules.isEmpty() ? result.without(host) : result.with(host, rules);
    }
    return result;
  }

  /** {@return the version that this table serves} */
  public Version version() {
    return snapshot.version();
  }

  /** {@return the digest of the config that this table serves} */
  public Digest digest() {
    return snapshot.digest();
  }

  /** {@return what this table was compiled from} */
  public Snapshot snapshot() {
    return snapshot;
  }

  /**
   * {@return the rule for a request}
   *
   * @param host lower case, without port and trailing dot
   * @param path normalised, without query
   */
  public RouteMatch match(String host, CharSequence path) {
    HostRules rules = rules(host);
    return rules == null ? RouteMatch.Missing.HOST : rules.match(path);
  }

  /** {@return the rules of this host, for callers that ask about one host again and again} */
  public Optional<HostRules> host(String host) {
    return Optional.ofNullable(rules(host));
  }

  private @Nullable HostRules rules(String host) {
    Optional<HostRules> found = hosts.get(host);
    int dot = host.indexOf('.');
    if (found.isEmpty() && dot > 0) {
      found = hosts.get(ANY + host.substring(dot));
    }
    if (found.isEmpty()) {
      found = hosts.get(ANY);
    }
    return found.orElse(null);
  }

  /** {@return the endpoints of a share; empty when the backend has none or is not known} */
  public Endpoints endpoints(RouteMatch.Share share) {
    return backends
        .get(share.key())
        .orElseGet(() -> Endpoints.of(new Backend(share.backend(), java.util.List.of())));
  }

  /** {@return the endpoints of a backend that take new requests, if the backend is known} */
  public Optional<Endpoints> endpoints(Backend.Id backend) {
    return backends.get(Backend.key(backend));
  }

  /**
   * {@return the certificate for a TLS client that names this server: of the exact host, else of
   * the wildcard one label above, else none}
   */
  public Optional<Certificate> certificateFor(String serverName) {
    return namedBinding(serverName).flatMap(this::certificateOf);
  }

  /** {@return the certificate for a TLS client that names no server} */
  public Optional<Certificate> defaultCertificate() {
    return binding(ANY).flatMap(this::certificateOf);
  }

  /**
   * {@return the certificate under which requests for this host may arrive: its own, or the default
   * one when it has none}
   */
  public Optional<Certificate.Id> certificateOfRequestsTo(String host) {
    return namedBinding(host).or(() -> binding(ANY)).map(TlsBinding::certificate);
  }

  private Optional<TlsBinding> namedBinding(String host) {
    int dot = host.indexOf('.');
    return binding(host).or(() -> dot > 0 ? binding(ANY + host.substring(dot)) : Optional.empty());
  }

  private Optional<TlsBinding> binding(String host) {
    return snapshot.config().entries().get(TlsBinding.key(host)).map(TlsBinding.class::cast);
  }

  private Optional<Certificate> certificateOf(TlsBinding binding) {
    return snapshot.config().certificate(binding.certificate());
  }

  /** Equal when both serve the same snapshot and were compiled to the same rules. */
  @Override
  public boolean equals(Object other) {
    return other instanceof RouteTable table
        && table.snapshot.version().equals(snapshot.version())
        && table.digest().equals(digest())
        && table.hosts.equals(hosts)
        && table.backends.equals(backends);
  }

  @Override
  public int hashCode() {
    return digest().hashCode();
  }

  @Override
  public String toString() {
    return "RouteTable[" + version() + " " + digest().abbreviated() + "]";
  }
}
