package dev.lockstep.core.routing;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Cidr;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.TlsBinding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Makes configs out of few words, so that hosts and paths overlap in every way. */
final class RandomConfigs {
  private static final List<String> LABELS = List.of("a", "b", "shop", "x");
  private static final List<String> SEGMENTS = List.of("a", "b", "ab", "", "a-b");

  private final RandomGenerator random;

  RandomConfigs(RandomGenerator random) {
    this.random = random;
  }

  /** {@return a config that differs from the given one in a few entries} */
  RouterConfig change(RouterConfig config) {
    RouterConfig changed = config;
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      List<Entry> entries = changed.entries().values();
      boolean remove = !entries.isEmpty() && random.nextInt(3) == 0;
      changed =
          remove
              ? changed.without(entries.get(random.nextInt(entries.size())).key())
              : changed.with(entry());
    }
    return changed;
  }

  String requestHost() {
    return pick(List.of("", "a.", "b.a.", "shop.")) + name();
  }

  String path() {
    StringBuilder path = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      path.append('/').append(pick(SEGMENTS));
    }
    return path.toString();
  }

  private Entry entry() {
    return switch (random.nextInt(6)) {
      case 0 -> new Backend(backend(), endpoints());
      case 1 -> new TlsBinding(routeHost(), certificate(), origin());
      case 2 ->
          new Certificate(
              certificate(),
              "chain" + random.nextInt(3),
              new Certificate.PrivateKey("key"),
              Digest.of("leaf"));
      default -> new Route(routeHost(), origin(), rules(), policy());
    };
  }

  private List<Route.Rule> rules() {
    List<Route.Rule> rules = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      PathMatch match = new PathMatch(pick(List.of(PathMatch.Type.values())), path());
      if (rules.stream().noneMatch(r -> r.match().equals(match))) {
        rules.add(new Route.Rule(match, action()));
      }
    }
    return rules;
  }

  private Route.Action action() {
    return random.nextInt(3) == 0
        ? new Route.Action.Respond(503, "maintenance " + random.nextInt(3))
        : Route.Action.Forward.to(backend());
  }

  private RoutePolicy policy() {
    return random.nextBoolean()
        ? RoutePolicy.OPEN
        : new RoutePolicy(
            Optional.of(List.of(Cidr.parse("10.0.0.0/8").orElseThrow())),
            Duration.ofSeconds(random.nextInt(1, 9)),
            Duration.ofSeconds(5),
            pick(List.of(RoutePolicy.Scheme.values())));
  }

  private List<Backend.Endpoint> endpoints() {
    List<Backend.Endpoint> endpoints = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      endpoints.add(
          new Backend.Endpoint(
              "10.0.0." + random.nextInt(5), 8080, pick(List.of(Backend.Endpoint.State.values()))));
    }
    return endpoints;
  }

  private ObjectKey origin() {
    return new ObjectKey("networking.k8s.io", "Ingress", "ns", "web" + random.nextInt(3));
  }

  private Backend.Id backend() {
    return new Backend.Id("ns", "svc" + random.nextInt(4), "80");
  }

  private Certificate.Id certificate() {
    return new Certificate.Id("ns", "tls" + random.nextInt(3));
  }

  private String routeHost() {
    return switch (random.nextInt(6)) {
      case 0 -> "*";
      case 1, 2 -> "*." + name();
      default -> requestHost();
    };
  }

  private String name() {
    return pick(LABELS) + pick(List.of("", ".test", ".example.com"));
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
