package dev.lockstep.agent.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.BackendSettings;
import dev.lockstep.agent.proxy.BackendSettings.Balancing;
import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.health.Recovery;
import dev.lockstep.core.config.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** Who gets the next request of an event loop. */
class BalancingTest {

  private static RunningProxy proxy(Balancing balancing, int spares) {
    return proxy(balancing, new BackendSettings.Connecting(Duration.ofMillis(250), 1000, spares));
  }

  private static RunningProxy proxy(Balancing balancing, BackendSettings.Connecting connecting) {
    Recovery once = Recovery.of(1, Duration.ofHours(1), Duration.ofHours(1));
    return RunningProxy.with(
        new BackendSettings(
            1,
            balancing,
            once,
            50,
            connecting,
            BackendSettings.Bound.NONE,
            BackendSettings.Retries.STANDARD));
  }

  @Test
  void endpointsTakeTurns() {
    try (RunningProxy proxy = proxy(Balancing.ROUND_ROBIN, 0);
        TestBackend a = TestBackend.saying("a");
        TestBackend b = TestBackend.saying("b");
        TestBackend c = TestBackend.saying("c");
        RawClient client = proxy.client()) {
      proxy.serve(Configs.to("a.test", a.endpoint(), b.endpoint(), c.endpoint()));
      StringBuilder order = new StringBuilder();
      for (int i = 0; i < 9; i++) {
        order.append(client.get("a.test", "/").body());
      }
      String round = order.substring(0, 3);
      assertThat(round.chars().sorted().toArray()).containsExactly('a', 'b', 'c');
      assertThat(order).hasToString(round.repeat(3));
    }
  }

  /** Whoever comes behind one that is out must not get the share of both. */
  @Test
  void endpointsThatAreLeftShareEvenly() {
    TestBackend dead = TestBackend.saying("dead");
    Backend.Endpoint gone = dead.endpoint();
    dead.close();
    try (RunningProxy proxy = proxy(Balancing.ROUND_ROBIN, 0);
        TestBackend a = TestBackend.saying("a");
        TestBackend b = TestBackend.saying("b");
        TestBackend c = TestBackend.saying("c");
        RawClient client = proxy.client()) {
      proxy.serve(Configs.to("a.test", gone, a.endpoint(), b.endpoint(), c.endpoint()));
      for (int i = 0; i < 60; i++) {
        client.get("a.test", "/");
      }
      for (TestBackend each : List.of(a, b, c)) {
        assertThat(each.requests()).hasSizeBetween(18, 22);
      }
    }
  }

  @Test
  void leastRequestSparesWhoIsBusy() {
    try (RunningProxy proxy = proxy(Balancing.LEAST_REQUEST, 0);
        TestBackend slow =
            new TestBackend(
                connection -> {
                  connection.readRequest();
                  connection.readRequest();
                });
        TestBackend quick = TestBackend.saying("quick")) {
      proxy.serve(Configs.to("a.test", slow.endpoint(), quick.endpoint()));
      List<RawClient> clients = new ArrayList<>();
      for (int i = 1; i <= 40; i++) {
        RawClient client = proxy.client();
        clients.add(client.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"));
        int sent = i;
        int before = quick.requests().size();
        await().until(() -> slow.requests().size() + quick.requests().size() == sent);
        if (quick.requests().size() > before) {
          client.read();
        }
      }
      assertThat(slow.requests()).hasSize(1);
      assertThat(quick.requests()).hasSize(39);
      clients.forEach(RawClient::close);
    }
  }

  @Test
  void spareConnectionIsThereBeforeItIsNeeded() {
    try (RunningProxy proxy = proxy(Balancing.ROUND_ROBIN, 1);
        TestBackend backend = TestBackend.saying("ok");
        RawClient client = proxy.client()) {
      proxy.serve(Configs.to("a.test", backend.endpoint()));
      client.get("a.test", "/");
      await().until(() -> backend.openConnections() == 2);
      client.get("a.test", "/");
      client.get("a.test", "/");
      assertThat(backend.connections()).isLessThanOrEqualTo(3);
    }
  }

  /** One connection a second may begin: thirty who have gone would be half a minute. */
  @Test
  void whoLeavesBeforeItsConnectionBeginsKeepsNobodyWaiting() {
    Semaphore answers = new Semaphore(0);
    var slowly = new BackendSettings.Connecting(Duration.ofMillis(250), 1, 0);
    try (RunningProxy proxy = proxy(Balancing.ROUND_ROBIN, slowly);
        TestBackend backend =
            new TestBackend(
                connection -> {
                  if (connection.readRequest().startsWith("GET /held ")) {
                    answers.acquireUninterruptibly();
                  }
                  connection.answer("ok");
                });
        RawClient held = proxy.client();
        RawClient last = proxy.client()) {
      proxy.serve(Configs.to("a.test", backend.endpoint()));
      held.send("GET /held HTTP/1.1\r\nHost: a.test\r\n\r\n");
      await().until(() -> backend.requests().size() == 1);
      for (int i = 0; i < 30; i++) {
        try (RawClient gone = proxy.client()) {
          gone.send("GET /gone HTTP/1.1\r\nHost: a.test\r\n\r\n");
        }
      }
      await().until(() -> proxy.server().meters().read().activeConnections() == 2);
      assertThat(last.get("a.test", "/").status()).isEqualTo(200);
      answers.release();
    }
  }

  @Test
  void lastUsedConnectionIsUsedFirst() {
    try (RunningProxy proxy = proxy(Balancing.ROUND_ROBIN, 0);
        TestBackend backend =
            new TestBackend(
                connection -> {
                  while (!connection.readRequest().isEmpty()) {
                    connection.answer(String.valueOf(connection.socket().getPort()));
                  }
                });
        RawClient client = proxy.client()) {
      proxy.serve(Configs.to("a.test", backend.endpoint()));
      try (RawClient burst = proxy.client()) {
        burst.send("GET /1 HTTP/1.1\r\nHost: a.test\r\n\r\n");
        client.get("a.test", "/");
        burst.read();
      }
      String last = client.get("a.test", "/").body();
      for (int i = 0; i < 10; i++) {
        assertThat(client.get("a.test", "/").body()).isEqualTo(last);
      }
    }
  }
}
