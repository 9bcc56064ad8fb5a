package dev.lockstep.agent.proxy;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.TlsBinding;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.routing.RouteTable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Makes configs for tests: a route for all paths of a host, to a backend of the host's name. */
public final class Configs {

  private Configs() {}

  public static RouterConfig to(String host, Backend.Endpoint... endpoints) {
    return with(RouterConfig.EMPTY, host, RoutePolicy.OPEN, endpoints);
  }

  public static RouterConfig with(
      RouterConfig config, String host, RoutePolicy policy, Backend.Endpoint... endpoints) {
    Backend.Id backend = new Backend.Id("shop", host, "80");
    return config
        .with(route(host, policy, Route.Action.Forward.to(backend)))
        .with(new Backend(backend, List.of(endpoints)));
  }

  public static Route route(String host, RoutePolicy policy, Route.Action action) {
    PathMatch all = new PathMatch(PathMatch.Type.PREFIX, "/");
    return new Route(host, origin(), List.of(new Route.Rule(all, action)), policy);
  }

  public static RoutePolicy timeouts(Duration connect, Duration idle) {
    return new RoutePolicy(Optional.empty(), connect, idle, RoutePolicy.Scheme.HTTP_AND_HTTPS);
  }

  public static RouterConfig tls(RouterConfig config, String host, Certificate certificate) {
    return config.with(certificate).with(new TlsBinding(host, certificate.id(), origin()));
  }

  public static RouteTable table(long version, RouterConfig config) {
    return RouteTable.compile(Snapshot.of(new Version(version), config));
  }

  public static ObjectKey origin() {
    return new ObjectKey("networking.k8s.io", "Ingress", "shop", "web");
  }
}
