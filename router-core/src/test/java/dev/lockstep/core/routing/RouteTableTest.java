package dev.lockstep.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Backend.Endpoint.State;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.TlsBinding;
import dev.lockstep.core.config.Version;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class RouteTableTest {
  private static final Backend.Id WEB = new Backend.Id("shop", "web", "80");

  /**
   * A row of the table in the Kubernetes Ingress documentation: the rules, the path, the winner.
   */
  private record Case(String rules, String path, String winner) {}

  @TestFactory
  Stream<DynamicTest> pathsMatchAsKubernetesDocumentsIt() {
    return Stream.of(
            new Case("P/", "/any/path", "P/"),
            new Case("E/foo", "/foo", "E/foo"),
            new Case("E/foo", "/bar", "none"),
            new Case("E/foo", "/foo/", "none"),
            new Case("E/foo/", "/foo", "none"),
            new Case("E/foo/", "/foo/", "E/foo/"),
            new Case("P/foo", "/foo", "P/foo"),
            new Case("P/foo", "/foo/", "P/foo"),
            new Case("P/foo/", "/foo", "P/foo"),
            new Case("P/foo/", "/foo/", "P/foo"),
            new Case("P/aaa/bb", "/aaa/bbb", "none"),
            new Case("P/aaa/bbb", "/aaa/bbb", "P/aaa/bbb"),
            new Case("P/aaa/bbb/", "/aaa/bbb", "P/aaa/bbb"),
            new Case("P/aaa/bbb", "/aaa/bbb/", "P/aaa/bbb"),
            new Case("P/aaa/bbb", "/aaa/bbb/ccc", "P/aaa/bbb"),
            new Case("P/aaa/bbb", "/aaa/bbbxyz", "none"),
            new Case("P/ P/aaa", "/aaa/ccc", "P/aaa"),
            new Case("P/ P/aaa", "/ccc", "P/"),
            new Case("P/aaa", "/ccc", "none"),
            new Case("P/foo E/foo", "/foo", "E/foo"),
            // What the documentation leaves to us.
            new Case("E/", "/", "E/"),
            new Case("E/", "/a", "none"),
            new Case("P/a P/a/b E/a/b/c", "/a/b/c", "E/a/b/c"),
            new Case("P/a P/a/b E/a/b/c", "/a/b/c/d", "P/a/b"),
            new Case("P/a P/a/b", "/a//b", "P/a"),
            new Case("P/a//", "/a/b", "P/a"),
            new Case("P//", "/a", "P/"),
            new Case("P/ E/%c3%a4", "/%C3%A4", "E/%c3%a4"),
            new Case("P/ P/%C3%a4", "/%C3%A4/x", "P/%C3%a4"))
        .map(c -> DynamicTest.dynamicTest(c.toString(), () -> check(c)));
  }

  private static void check(Case row) {
    List<Route.Rule> rules =
        Stream.of(row.rules().split(" "))
            .map(
                text ->
                    new PathMatch(
                        text.charAt(0) == 'E' ? PathMatch.Type.EXACT : PathMatch.Type.PREFIX,
                        text.substring(1)))
            .map(match -> new Route.Rule(match, Route.Action.Forward.to(WEB)))
            .toList();
    RouteTable table = table(new Route("a.test", object("web"), rules, RoutePolicy.OPEN));
    String winner =
        switch (table.match("a.test", row.path())) {
          case RouteMatch.Missing _ -> "none";
          case RouteMatch.Found f -> f.match().type().name().charAt(0) + f.match().value();
        };
    assertThat(winner).isEqualTo(row.winner());
  }

  @Test
  void wildcardCoversExactlyOneLabel() {
    RouteTable table = table(route("*.example.com", "wild"));
    assertThat(winner(table, "a.example.com")).isEqualTo("wild");
    assertThat(winner(table, "example.com")).isEqualTo("unknown");
    assertThat(winner(table, "b.a.example.com")).isEqualTo("unknown");
  }

  @Test
  void exactHostBeatsWildcardBeatsEverybodyElse() {
    RouteTable table =
        table(route("*", "any"), route("*.example.com", "wild"), route("a.example.com", "exact"));
    assertThat(winner(table, "a.example.com")).isEqualTo("exact");
    assertThat(winner(table, "b.example.com")).isEqualTo("wild");
    assertThat(winner(table, "c.b.example.com")).isEqualTo("any");
    assertThat(winner(table, "localhost")).isEqualTo("any");
  }

  @Test
  void knownHostIsNotContinuedInTheWildcard() {
    Route exact =
        new Route(
            "a.example.com",
            object("exact"),
            List.of(rule(PathMatch.Type.EXACT, "/only")),
            RoutePolicy.OPEN);
    RouteTable table = table(exact, route("*.example.com", "wild"), route("*", "any"));
    assertThat(table.match("a.example.com", "/other")).isEqualTo(RouteMatch.Missing.PATH);
  }

  @Test
  void rulesOfSeveralObjectsOfOneHostAllServe() {
    Route shop = pathRoute("a", "/shop");
    Route blog = pathRoute("b", "/blog");
    RouteTable table = table(shop, blog);
    assertThat(origin(table.match("a.test", "/shop/1"))).isEqualTo("a");
    assertThat(origin(table.match("a.test", "/blog"))).isEqualTo("b");
    assertThat(table.match("a.test", "/")).isEqualTo(RouteMatch.Missing.PATH);
  }

  @Test
  void unchangedHostsAreShared() {
    RouterConfig config = config(route("a.test", "a"), route("b.test", "b"));
    RouteTable table = RouteTable.compile(Snapshot.of(new Version(1), config));
    RouterConfig changed = config.with(route("b.test", "c"));
    RouteTable updated =
        table.update(Snapshot.of(new Version(2), changed), config.changesTo(changed));
    assertThat(updated.host("a.test").orElseThrow()).isSameAs(table.host("a.test").orElseThrow());
    assertThat(updated.version()).isEqualTo(new Version(2));
    assertThat(updated.digest()).isEqualTo(changed.digest());
  }

  @Test
  void hostWhoseLastRouteWentIsUnknown() {
    RouterConfig config = config(route("a.test", "a"), route("b.test", "b"));
    RouteTable table = RouteTable.compile(Snapshot.of(new Version(1), config));
    RouterConfig changed = config.without(route("a.test", "a").key());
    RouteTable updated =
        table.update(Snapshot.of(new Version(2), changed), config.changesTo(changed));
    assertThat(updated.match("a.test", "/")).isEqualTo(RouteMatch.Missing.HOST);
  }

  @Test
  void drainingEndpointsServeOnlyWhenNothingIsReady() {
    Backend.Endpoint ready = new Backend.Endpoint("10.0.0.1", 80, State.READY);
    Backend.Endpoint draining = new Backend.Endpoint("10.0.0.2", 80, State.DRAINING);
    assertThat(serving(ready, draining)).containsExactly(ready);
    assertThat(serving(draining)).containsExactly(draining);
    assertThat(serving()).isEmpty();
  }

  private static List<Backend.Endpoint> serving(Backend.Endpoint... endpoints) {
    RouterConfig config = RouterConfig.EMPTY.with(new Backend(WEB, List.of(endpoints)));
    return RouteTable.compile(Snapshot.of(new Version(1), config))
        .endpoints(WEB)
        .orElseThrow()
        .serving();
  }

  @Test
  void backendOfAShareThatNobodyKnowsHasNoEndpoint() {
    RouteMatch.Found found = (RouteMatch.Found) table(route("a.test", "a")).match("a.test", "/");
    RouteMatch.Step.Forward forward = (RouteMatch.Step.Forward) found.step();
    assertThat(RouteTable.EMPTY.endpoints(forward.shares().getFirst()).size()).isZero();
  }

  @Test
  void unknownServerNameGetsNobodysCertificate() {
    RouteTable table = tls("a.test", "*.example.com", "*");
    assertThat(fingerprint(table, "a.test")).isEqualTo("a.test");
    assertThat(fingerprint(table, "x.example.com")).isEqualTo("*.example.com");
    assertThat(fingerprint(table, "example.com")).isEqualTo("none");
    assertThat(fingerprint(table, "y.x.example.com")).isEqualTo("none");
    assertThat(fingerprint(table, "unknown.test")).isEqualTo("none");
    assertThat(table.defaultCertificate().orElseThrow().chainPem()).isEqualTo("*");
    assertThat(table.certificateOfRequestsTo("unknown.test").orElseThrow().secret()).isEqualTo("*");
    assertThat(tls("a.test").defaultCertificate()).isEmpty();
  }

  @Test
  void bindingToAMissingCertificateIsNoTls() {
    RouterConfig config =
        tls("*.test")
            .snapshot()
            .config()
            .with(new TlsBinding("a.test", new Certificate.Id("shop", "gone"), object("a")));
    RouteTable table = RouteTable.compile(Snapshot.of(new Version(2), config));
    assertThat(fingerprint(table, "a.test")).isEqualTo("none");
    assertThat(fingerprint(table, "b.test")).isEqualTo("*.test");
  }

  private static RouteTable tls(String... hosts) {
    RouterConfig config = RouterConfig.EMPTY;
    for (String host : hosts) {
      Certificate.Id id = new Certificate.Id("shop", host);
      config =
          config
              .with(new TlsBinding(host, id, object("web")))
              .with(new Certificate(id, host, new Certificate.PrivateKey("k"), Digest.of(host)));
    }
    return RouteTable.compile(Snapshot.of(new Version(1), config));
  }

  private static String fingerprint(RouteTable table, String serverName) {
    return table.certificateFor(serverName).map(Certificate::chainPem).orElse("none");
  }

  private static String winner(RouteTable table, String host) {
    return origin(table.match(host, "/"));
  }

  private static String origin(RouteMatch match) {
    return switch (match) {
      case RouteMatch.Missing _ -> "unknown";
      case RouteMatch.Found found -> found.origin().name();
    };
  }

  private static RouteTable table(Route... routes) {
    return RouteTable.compile(Snapshot.of(new Version(1), config(routes)));
  }

  private static RouterConfig config(Route... routes) {
    RouterConfig config = RouterConfig.EMPTY;
    for (Route route : routes) {
      config = config.with(route);
    }
    return config;
  }

  private static Route route(String host, String object) {
    return new Route(
        host, object(object), List.of(rule(PathMatch.Type.PREFIX, "/")), RoutePolicy.OPEN);
  }

  private static Route pathRoute(String object, String path) {
    return new Route(
        "a.test", object(object), List.of(rule(PathMatch.Type.PREFIX, path)), RoutePolicy.OPEN);
  }

  private static Route.Rule rule(PathMatch.Type type, String path) {
    return new Route.Rule(new PathMatch(type, path), Route.Action.Forward.to(WEB));
  }

  private static ObjectKey object(String name) {
    return new ObjectKey("networking.k8s.io", "Ingress", "shop", name);
  }
}
