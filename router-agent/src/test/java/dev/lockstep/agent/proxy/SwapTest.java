package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a swap promises: an ack after it is true, and nobody notices it otherwise. */
class SwapTest {
  private final RunningProxy proxy = new RunningProxy();

  @AfterEach
  void stop() {
    proxy.close();
  }

  private static RouterConfig saying(String text) {
    return RouterConfig.EMPTY.with(
        Configs.route("a.test", RoutePolicy.OPEN, new Route.Action.Respond(200, text)));
  }

  @Test
  void everyRequestAfterTheSwapSeesTheNewTable() {
    List<RawClient> open = new ArrayList<>();
    try {
      proxy.serve(saying("config 0"));
      for (int i = 0; i < 20; i++) {
        open.add(proxy.client());
        open.getLast().get("a.test", "/");
      }
      for (int round = 1; round <= 20; round++) {
        proxy.serve(saying("config " + round));
        String version = String.valueOf(round + 1);
        for (RawClient client : open) {
          RawClient.Response response = client.get("a.test", "/");
          assertThat(response.body()).isEqualTo("config " + round);
          assertThat(response.field("lockstep-version")).hasValue(version);
        }
        for (int i = 0; i < 30; i++) {
          assertThat(bodyOnNewConnection()).isEqualTo("config " + round);
        }
      }
    } finally {
      open.forEach(RawClient::close);
    }
  }

  private String bodyOnNewConnection() {
    try (RawClient fresh = proxy.client()) {
      return fresh.get("a.test", "/").body();
    }
  }

  @Test
  void swapsUnderLoadLoseNoRequestAndNoConnection() throws Exception {
    try (TestBackend one = TestBackend.saying("one");
        TestBackend other = TestBackend.saying("other");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      proxy.serve(Configs.to("a.test", one.endpoint()));
      AtomicBoolean going = new AtomicBoolean(true);
      List<Future<Integer>> counts = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        counts.add(threads.submit(() -> requestsOnOneConnection(going)));
      }
      for (int i = 0; i < 200; i++) {
        TestBackend next = i % 2 == 0 ? other : one;
        proxy.serve(Configs.to("a.test", next.endpoint()));
      }
      going.set(false);
      for (Future<Integer> count : counts) {
        assertThat(count.get(20, TimeUnit.SECONDS)).isPositive();
      }
    }
  }

  private int requestsOnOneConnection(AtomicBoolean going) {
    int count = 0;
    try (RawClient client = proxy.client()) {
      while (going.get() || count == 0) {
        assertThat(client.get("a.test", "/").status()).isEqualTo(200);
        count++;
      }
    }
    return count;
  }

  @Test
  void newProxyRefusesUntilItIsTold() {
    try (ProxyServer server =
        new ProxyServer(
            RunningProxy.settings(ProxySettings.Timeouts.STANDARD, ProxySettings.Limits.STANDARD),
            _ -> {})) {
      ProxyServer.Bound bound = RunningProxy.await(server.bind());
      RunningProxy.await(server.swap(Configs.table(1, saying("hello"))));
      assertRefused(bound);
      RunningProxy.await(server.admission(Admission.ACCEPT));
      try (RawClient client = new RawClient(bound.http().getFirst())) {
        assertThat(client.get("a.test", "/").body()).isEqualTo("hello");
      }
      RunningProxy.await(server.admission(Admission.REFUSE));
      assertRefused(bound);
    }
  }

  private static void assertRefused(ProxyServer.Bound bound) {
    try (RawClient client = new RawClient(bound.http().getFirst())) {
      RawClient.Response refused = client.get("a.test", "/");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.field("retry-after")).isPresent();
      assertThat(refused.field("connection")).hasValue("close");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }
}
