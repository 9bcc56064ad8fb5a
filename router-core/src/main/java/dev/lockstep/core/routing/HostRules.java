package dev.lockstep.core.routing;

import dev.lockstep.core.config.Route;
import java.util.List;

/**
 * All rules of one host, merged from the routes of its objects. Equal when the routes are.
 *
 * <p>Immutable.
 */
public final class HostRules {
  private final List<Route> routes;
  private final PathTree paths = new PathTree();

  private HostRules(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  /** Merges in the order given: where two objects have the same match, the first keeps it. */
  static HostRules compile(List<Route> routes) {
    HostRules compiled = new HostRules(routes);
    for (Route route : routes) {
      SourceFilter sources = SourceFilter.of(route.policy().allowedSources());
      for (Route.Rule rule : route.rules()) {
        compiled.paths.add(
            new RouteMatch.Found(
                route.origin(),
                rule.match(),
                route.policy(),
                sources,
                RouteMatch.compile(rule.action())));
      }
    }
    return compiled;
  }

  /** {@return the best rule for the path, which has no query} */
  public RouteMatch match(CharSequence path) {
    return paths.find(path);
  }

  /** {@return whether there is no route, so that the host is unknown} */
  boolean isEmpty() {
    return routes.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HostRules rules && rules.routes.equals(routes);
  }

  @Override
  public int hashCode() {
    return routes.hashCode();
  }

  @Override
  public String toString() {
    return "HostRules" + routes;
  }
}
