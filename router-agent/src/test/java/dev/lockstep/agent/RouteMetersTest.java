package dev.lockstep.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.api.Views;
import dev.lockstep.agent.metrics.Meters;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.Seeing;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Figures by route, as Prometheus reads them, of requests over real sockets. */
class RouteMetersTest {
  private final Meters meters = new Meters(() -> Views.follower(2, 1, "http://127.0.0.1:1"));

  @AfterEach
  void close() {
    meters.close();
  }

  private RunningProxy proxy(int routes) {
    Seeing seeing = new Seeing(Optional.empty(), Seeing.RequestId.NONE, routes, Optional.empty());
    RunningProxy proxy = new RunningProxy(RunningProxy.seeing(seeing));
    ShellMeters.proxy(meters, proxy.server());
    return proxy;
  }

  private static RouterConfig with(RouterConfig config, String name, Backend.Endpoint endpoint) {
    Backend.Id backend = new Backend.Id("shop", name, "80");
    ObjectKey origin = new ObjectKey("networking.k8s.io", "Ingress", "shop", name);
    PathMatch all = new PathMatch(PathMatch.Type.PREFIX, "/");
    Route.Rule rule = new Route.Rule(all, Route.Action.Forward.to(backend));
    return config
        .with(new Route(name + ".test", origin, List.of(rule), RoutePolicy.OPEN))
        .with(new Backend(backend, List.of(endpoint)));
  }

  private void awaitLines(String... lines) {
    await().untilAsserted(() -> assertThat(meters.scrape().lines()).contains(lines));
  }

  @Test
  void requestsTimesAndBytesAreCountedByRoute() {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = proxy(10);
        RawClient client =
            proxy.serve(with(RouterConfig.EMPTY, "web", backend.endpoint())).client()) {
      client.get("web.test", "/");
      client.send("POST / HTTP/1.1\r\nHost: web.test\r\nContent-Length: 3\r\n\r\nabc").read();
      client.get("nobody.test", "/");
      awaitLines(
          "# TYPE lockstep_proxy_requests_total counter",
          "lockstep_proxy_requests_total{code=\"2xx\",route=\"ingress/shop/web\"} 2.0",
          "lockstep_proxy_requests_total{code=\"5xx\",route=\"ingress/shop/web\"} 0.0",
          "lockstep_proxy_requests_total{code=\"none\",route=\"ingress/shop/web\"} 0.0",
          "lockstep_proxy_requests_total{code=\"4xx\",route=\"none\"} 1.0",
          "lockstep_proxy_request_bytes_total{route=\"ingress/shop/web\"} 3.0",
          "lockstep_proxy_response_bytes_total{route=\"ingress/shop/web\"} 10.0",
          "# TYPE lockstep_proxy_request_duration_seconds histogram",
          "lockstep_proxy_request_duration_seconds_count{route=\"ingress/shop/web\"} 2",
          "lockstep_proxy_request_duration_seconds_bucket{route=\"ingress/shop/web\",le=\"+Inf\"}"
              + " 2",
          "lockstep_proxy_first_byte_seconds_count{route=\"ingress/shop/web\"} 2",
          "lockstep_proxy_first_byte_seconds_count{route=\"none\"} 0",
          "lockstep_proxy_failures_total{reason=\"no-route\"} 1.0");
      assertThat(meters.scrape())
          .contains("lockstep_proxy_tls_handshakes_total{kind=\"full\",protocol=\"TLSv1.3\"} 0.0")
          .contains("lockstep_proxy_tls_failures_total{reason=\"unknown-name\"} 0.0")
          .doesNotContain("access_log");
    }
  }

  @Test
  void routesBeyondTheBoundCountTogether() {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = proxy(2);
        RawClient client = proxy.client()) {
      RouterConfig config = RouterConfig.EMPTY;
      for (int i = 0; i < 5; i++) {
        config = with(config, "r" + i, backend.endpoint());
      }
      proxy.serve(config);
      for (int i = 0; i < 5; i++) {
        client.get("r" + i + ".test", "/");
      }
      awaitLines(
          "lockstep_proxy_requests_total{code=\"2xx\",route=\"ingress/shop/r0\"} 1.0",
          "lockstep_proxy_requests_total{code=\"2xx\",route=\"ingress/shop/r1\"} 1.0",
          "lockstep_proxy_requests_total{code=\"2xx\",route=\"other\"} 3.0");
      assertThat(meters.scrape()).doesNotContain("ingress/shop/r2");
    }
  }

  @Test
  void routeThatIsNoMoreMakesRoomForAnother() {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = proxy(1);
        RawClient client = proxy.client()) {
      RouterConfig both =
          with(with(RouterConfig.EMPTY, "old", backend.endpoint()), "new", backend.endpoint());
      proxy.serve(both);
      client.get("old.test", "/");
      client.get("new.test", "/");
      awaitLines("lockstep_proxy_requests_total{code=\"2xx\",route=\"ingress/shop/old\"} 1.0");
      proxy.serve(with(RouterConfig.EMPTY, "new", backend.endpoint()));
      await().until(() -> !meters.scrape().contains("ingress/shop/old"));
      proxy.serve(with(RouterConfig.EMPTY, "new", backend.endpoint()));
      client.get("new.test", "/");
      awaitLines(
          "lockstep_proxy_requests_total{code=\"2xx\",route=\"ingress/shop/new\"} 1.0",
          "lockstep_proxy_requests_total{code=\"2xx\",route=\"other\"} 1.0");
    }
  }

  @Test
  void withoutFiguresByRouteThereAreNone() {
    try (RunningProxy proxy = proxy(0);
        RawClient client = proxy.client()) {
      client.get("a.test", "/");
      assertThat(meters.scrape())
          .contains("lockstep_proxy_responses_total{code=\"4xx\"} 1.0")
          .doesNotContain("route=");
    }
  }
}
