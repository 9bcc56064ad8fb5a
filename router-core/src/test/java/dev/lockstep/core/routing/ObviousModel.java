package dev.lockstep.core.routing;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.TlsBinding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a table must answer, found by looking at every entry for every question. */
final class ObviousModel {
  private final RouterConfig config;

  private final List<Route> routes;
  private final List<TlsBinding> bindings;

  ObviousModel(RouterConfig config) {
    this.config = config;
    this.routes = entries(Route.class);
    this.bindings = entries(TlsBinding.class);
  }

  /** {@return the best host pattern of all routes, if any is for this host} */
  Optional<String> host(String host) {
    return best(hostsOfRoutes(), host);
  }

  /** {@return object and match of the winning rule, if there is one} */
  Optional<String> rule(String host, String path) {
    Optional<String> pattern = host(host);
    String best = "";
    int bestRank = -1;
    for (Route route : routes) {
      for (Route.Rule rule : route.rules()) {
        int rank = rank(rule.match());
        if (pattern.equals(Optional.of(route.host()))
            && rule.match().covers(path)
            && rank > bestRank) {
          best = text(route.origin(), rule.match());
          bestRank = rank;
        }
      }
    }
    return bestRank < 0 ? Optional.empty() : Optional.of(best);
  }

  static String text(Object origin, PathMatch match) {
    return origin + " " + match;
  }

  private static int rank(PathMatch match) {
    return match.type() == PathMatch.Type.EXACT ? Integer.MAX_VALUE : match.value().length();
  }

  Optional<Certificate> certificate(String serverName) {
    return best(
            bindings.stream().map(TlsBinding::host).filter(h -> !h.equals("*")).toList(),
            serverName)
        .flatMap(h -> bindings.stream().filter(b -> b.host().equals(h)).findFirst())
        .flatMap(b -> config.certificate(b.certificate()));
  }

  Optional<List<Backend.Endpoint>> endpoints(Backend.Id id) {
    return config
        .backend(id)
        .map(
            backend -> {
              List<Backend.Endpoint> ready = in(backend, Backend.Endpoint.State.READY);
              return ready.isEmpty() ? in(backend, Backend.Endpoint.State.DRAINING) : ready;
            });
  }

  private static List<Backend.Endpoint> in(Backend backend, Backend.Endpoint.State state) {
    return backend.endpoints().stream().filter(e -> e.state() == state).toList();
  }

  private static Optional<String> best(List<String> patterns, String host) {
    if (patterns.contains(host)) {
      return Optional.of(host);
    }
    for (String pattern : patterns) {
      if (pattern.startsWith("*.")
          && host.endsWith(pattern.substring(1))
          && host.length() > pattern.length() - 1
          && host.substring(0, host.length() - pattern.length() + 1).indexOf('.') < 0) {
        return Optional.of(pattern);
      }
    }
    return patterns.contains("*") ? Optional.of("*") : Optional.empty();
  }

  private List<String> hostsOfRoutes() {
    return routes.stream().map(Route::host).distinct().toList();
  }

  private <T extends Entry> List<T> entries(Class<T> kind) {
    List<T> found = new ArrayList<>();
    for (Entry entry : config.entries().values()) {
      if (kind.isInstance(entry)) {
        found.add(kind.cast(entry));
      }
    }
    return found;
  }
}
