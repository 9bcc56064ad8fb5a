package dev.lockstep.agent.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.proxy.BackendSettings;
import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.health.Recovery;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Backend.Affinity;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests of one client that belong together. */
class AffinityTest {
  private static final Backend.Id SHOP = new Backend.Id("shop", "web", "80");

  private final List<TestBackend> backends =
      Stream.of("a", "b", "c", "d").map(TestBackend::saying).toList();
  private final List<RunningProxy> proxies = new ArrayList<>();
  private final RunningProxy proxy = start(1);

  private RunningProxy start(long seed) {
    BackendSettings standard = BackendSettings.STANDARD;
    Recovery once = Recovery.of(1, Duration.ofHours(1), Duration.ofHours(1));
    proxies.add(
        RunningProxy.with(
            new BackendSettings(
                seed,
                standard.balancing(),
                once,
                standard.mostOut(),
                standard.connecting(),
                standard.bound(),
                standard.retries())));
    return proxies.getLast();
  }

  @AfterEach
  void stop() {
    proxies.forEach(RunningProxy::close);
    backends.forEach(TestBackend::close);
  }

  private static RouterConfig config(Affinity affinity, List<TestBackend> to) {
    List<Backend.Endpoint> endpoints = to.stream().map(TestBackend::endpoint).toList();
    return RouterConfig.EMPTY
        .with(Configs.route("a.test", RoutePolicy.OPEN, Route.Action.Forward.to(SHOP)))
        .with(new Backend(SHOP, Backend.Cleartext.HTTP1, endpoints, affinity));
  }

  private static RawClient.Response get(RawClient client, String cookie) {
    return client.send("GET / HTTP/1.1\r\nHost: a.test\r\nCookie: " + cookie + "\r\n\r\n").read();
  }

  private static String cookieOf(RawClient.Response response) {
    return response.field("set-cookie").orElse("").replaceFirst(";.*", "");
  }

  @Test
  void addressStaysWithOneEndpointOnEveryReplicaWhateverElseComesAndGoes() {
    RunningProxy other = start(2);
    proxy.serve(config(Affinity.CLIENT_ADDRESS, backends));
    other.serve(config(Affinity.CLIENT_ADDRESS, backends));
    Set<String> bodies = new HashSet<>();
    try (RawClient client = proxy.client();
        RawClient elsewhere = other.client()) {
      for (int i = 0; i < 10; i++) {
        bodies.add(client.get("a.test", "/").body());
        bodies.add(elsewhere.get("a.test", "/").body());
      }
      assertThat(bodies).hasSize(1);
      String own = bodies.iterator().next();
      for (int gone = 0; gone < 4; gone++) {
        List<TestBackend> rest = new ArrayList<>(backends);
        rest.remove(gone);
        proxy.serve(config(Affinity.CLIENT_ADDRESS, rest));
        boolean isOwn = "abcd".charAt(gone) == own.charAt(0);
        assertThat(client.get("a.test", "/").body().equals(own)).isEqualTo(!isOwn);
      }
    }
  }

  @Test
  void cookieKeepsItsClientWithOneEndpointOnEveryReplica() {
    RunningProxy other = start(2);
    proxy.serve(config(Affinity.cookie("key"), backends));
    other.serve(config(Affinity.cookie("key"), backends));
    try (RawClient client = proxy.client();
        RawClient elsewhere = other.client()) {
      RawClient.Response first = client.get("a.test", "/");
      String cookie = cookieOf(first);
      assertThat(first.field("set-cookie").orElse(""))
          .matches("lockstep-[0-9a-f]{8}=[0-9a-f]{32}; path=/; httponly; samesite=lax");
      for (int i = 0; i < 8; i++) {
        RawClient.Response again = get(i % 2 == 0 ? client : elsewhere, "x=1; " + cookie);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.field("set-cookie")).as("it has it already").isEmpty();
      }
      Set<String> others = new HashSet<>();
      for (int i = 0; i < 8; i++) {
        others.add(cookieOf(client.get("a.test", "/")));
      }
      assertThat(others).as("clients without one are spread").hasSize(4);
    }
  }

  /** The name depends on a key that clients do not have: nobody can try out all addresses. */
  @Test
  void cookieTellsNothingOfTheEndpoint() {
    proxy.serve(config(Affinity.cookie("key"), backends.subList(0, 1)));
    try (RawClient client = proxy.client()) {
      String one = cookieOf(client.get("a.test", "/"));
      proxy.serve(config(Affinity.cookie("other key"), backends.subList(0, 1)));
      String other = cookieOf(client.get("a.test", "/"));
      assertThat(one).isNotEmpty();
      assertThat(other).isNotEmpty().isNotEqualTo(one);
      assertThat(other.replaceFirst(".*=", "")).isNotEqualTo(one.replaceFirst(".*=", ""));
    }
  }

  @Test
  void clientOfAnEndpointThatIsGoneGetsAnotherOneAndItsCookie() {
    proxy.serve(config(Affinity.cookie("key"), backends));
    try (RawClient client = proxy.client()) {
      RawClient.Response first = client.get("a.test", "/");
      backends.get("abcd".indexOf(first.body())).close();
      RawClient.Response moved = get(client, cookieOf(first));
      assertThat(moved.status()).isEqualTo(200);
      assertThat(moved.body()).isNotEqualTo(first.body());
      RawClient.Response stays = get(client, cookieOf(moved));
      assertThat(stays.body()).isEqualTo(moved.body());
      assertThat(stays.field("set-cookie")).isEmpty();
    }
  }

  @Test
  void cookieThatWasMadeUpIsReplaced() {
    proxy.serve(config(Affinity.cookie("key"), backends));
    try (RawClient client = proxy.client()) {
      String real = cookieOf(client.get("a.test", "/"));
      String name = real.replaceFirst("=.*", "");
      for (String value : List.of("", "x", "0".repeat(32), "10.0.0.1:80", "=")) {
        RawClient.Response got = get(client, name + "=" + value);
        assertThat(got.status()).isEqualTo(200);
        assertThat(cookieOf(got)).startsWith(name + "=").doesNotEndWith("=" + value);
      }
    }
  }

  @Test
  void withoutAffinityNothingIsAdded() {
    proxy.serve(config(Affinity.NONE, backends));
    try (RawClient client = proxy.client()) {
      assertThat(client.get("a.test", "/").field("set-cookie")).isEmpty();
    }
  }
}
