package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.server.ProxyServer;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
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
    try (ProxyServer server = refusing()) {
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

  /** Rule P22: each event loop changes its table by itself; "served" is said after the last. */
  @Test
  void swapIsDoneWhenTheLastEventLoopServesTheTable() {
    CountDownLatch release = new CountDownLatch(1);
    proxy.serve(saying("old"));
    CompletionStage<Void> busy = blockOneLoop(proxy.server(), release);
    CompletionStage<Void> swap = proxy.server().swap(Configs.table(2, saying("new")));
    await().until(() -> tablesOfFreeLoops().contains(2L));
    assertThat(swap.toCompletableFuture()).isNotDone();
    release.countDown();
    RunningProxy.await(busy);
    RunningProxy.await(swap);
    for (int i = 0; i < 20; i++) {
      assertThat(bodyOnNewConnection()).isEqualTo("new");
    }
  }

  /** Rule P47: a loop that is told late refuses until then, so nobody may be sent here before. */
  @Test
  void takesRequestsWhenTheLastEventLoopHasHeardOfIt() {
    CountDownLatch release = new CountDownLatch(1);
    try (ProxyServer server = refusing()) {
      ProxyServer.Bound bound = RunningProxy.await(server.bind());
      RunningProxy.await(server.swap(Configs.table(1, saying("hello"))));
      assertThat(server.takesRequests()).isFalse();
      CompletionStage<Void> busy = blockOneLoop(server, release);
      CompletionStage<Void> told = server.admission(Admission.ACCEPT);
      assertThat(told.toCompletableFuture()).isNotDone();
      assertThat(server.takesRequests()).isFalse();
      release.countDown();
      RunningProxy.await(busy);
      RunningProxy.await(told);
      assertThat(server.takesRequests()).isTrue();
      for (int i = 0; i < 20; i++) {
        try (RawClient client = new RawClient(bound.http().getFirst())) {
          assertThat(client.get("a.test", "/").body()).isEqualTo("hello");
        }
      }
    }
  }

  /** To be told once more, as after a fence, takes nothing back; a refusal does at once. */
  @Test
  void goesOnTakingRequestsWhileItIsToldAgain() {
    CountDownLatch release = new CountDownLatch(1);
    CompletionStage<Void> busy = proxy.server().onEveryLoop(_ -> awaitLatch(release));
    CompletionStage<Void> again = proxy.server().admission(Admission.ACCEPT);
    assertThat(again.toCompletableFuture()).isNotDone();
    assertThat(proxy.server().takesRequests()).isTrue();
    CompletionStage<Void> refused = proxy.server().admission(Admission.REFUSE);
    assertThat(refused.toCompletableFuture()).isNotDone();
    assertThat(proxy.server().takesRequests()).isFalse();
    CompletionStage<Void> last = proxy.server().admission(Admission.ACCEPT);
    assertThat(proxy.server().takesRequests()).isFalse();
    release.countDown();
    RunningProxy.await(busy);
    RunningProxy.await(last);
    assertThat(proxy.server().takesRequests()).isTrue();
  }

  /** Rule P47: it may have come by an older endpoint view, and what is served next may be old. */
  @Test
  void connectionThatCameWhileRequestsWereRefusedEndsWithThat() {
    try (ProxyServer server = refusing()) {
      ProxyServer.Bound bound = RunningProxy.await(server.bind());
      RunningProxy.await(server.swap(Configs.table(1, saying("hello"))));
      try (RawClient early = new RawClient(bound.http().getFirst())) {
        await().until(() -> server.meters().read().activeConnections() == 1);
        RunningProxy.await(server.admission(Admission.ACCEPT));
        assertThat(early.isClosedByServer()).isTrue();
      }
    }
  }

  /** Holds one event loop, and returns when it is held. */
  private static CompletionStage<Void> blockOneLoop(ProxyServer server, CountDownLatch release) {
    CountDownLatch held = new CountDownLatch(1);
    AtomicBoolean first = new AtomicBoolean(true);
    CompletionStage<Void> busy =
        server.onEveryLoop(
            _ -> {
              if (first.getAndSet(false)) {
                held.countDown();
                awaitLatch(release);
              }
            });
    awaitLatch(held);
    return busy;
  }

  /** Versions that the event loops serve which answer now. */
  private Set<Long> tablesOfFreeLoops() {
    Set<Long> versions = ConcurrentHashMap.newKeySet();
    CompletableFuture<Void> any = new CompletableFuture<>();
    proxy
        .server()
        .onEveryLoop(
            worker -> {
              versions.add(worker.table().version().value());
              any.complete(null);
            });
    RunningProxy.await(any);
    return versions;
  }

  private static ProxyServer refusing() {
    return new ProxyServer(
        RunningProxy.settings(ProxySettings.Timeouts.STANDARD, ProxySettings.Limits.STANDARD),
        _ -> {},
        System::nanoTime);
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
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
