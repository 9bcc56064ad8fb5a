package dev.lockstep.agent.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.BackendSettings;
import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is sent again, counted where it arrives (RFC 9110 9.2.2). */
class SendingAgainTest {

  /** Answers the first request of each connection, takes the second, and closes. */
  private static TestBackend forgetful() {
    return new TestBackend(
        connection -> {
          connection.readRequest();
          connection.answer("ok");
          connection.readRequest();
        });
  }

  private static BackendSettings retries(int percent, int floor) {
    BackendSettings standard = BackendSettings.STANDARD;
    return new BackendSettings(
        1,
        standard.balancing(),
        standard.recovery(),
        standard.mostOut(),
        standard.connecting(),
        standard.bound(),
        new BackendSettings.Retries(percent, floor));
  }

  private static long deliveries(TestBackend backend, String line) {
    return backend.requests().stream().filter(it -> it.startsWith(line)).count();
  }

  record Case(String line, String rest, int deliveries) {}

  private static final List<Case> CASES =
      List.of(
          new Case("GET /get", "\r\n", 2),
          new Case("PUT /put", "Content-Length: 0\r\n\r\n", 2),
          new Case("DELETE /delete", "\r\n", 2),
          // With a body: it has been streamed, and is not here any more.
          new Case("PUT /body", "Content-Length: 2\r\n\r\nhi", 1),
          new Case("GET /chunks", "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 1),
          // Not idempotent, with and without a body.
          new Case("POST /post", "Content-Length: 2\r\n\r\nhi", 1),
          new Case("POST /empty", "Content-Length: 0\r\n\r\n", 1),
          new Case("PATCH /patch", "Content-Length: 0\r\n\r\n", 1));

  @Test
  void onlyWhatCanBeRepeatedArrivesTwice() {
    for (Case c : CASES) {
      try (RunningProxy proxy = RunningProxy.with(retries(20, 10));
          TestBackend backend = forgetful();
          RawClient client = proxy.client()) {
        proxy.serve(Configs.to("a.test", backend.endpoint()));
        client.get("a.test", "/first");
        client.send(c.line + " HTTP/1.1\r\nHost: a.test\r\n" + c.rest);
        assertThat(client.read().status()).as(c.line).isEqualTo(c.deliveries == 2 ? 200 : 502);
        assertThat(deliveries(backend, c.line)).as(c.line).isEqualTo(c.deliveries);
      }
    }
  }

  @Test
  void answerThatHasBegunIsNeverAskedForAgain() {
    try (RunningProxy proxy = RunningProxy.with(retries(100, 10));
        TestBackend backend =
            new TestBackend(
                connection -> {
                  connection.readRequest();
                  connection.answer("ok");
                  connection.readRequest();
                  connection.send("H");
                });
        RawClient client = proxy.client()) {
      proxy.serve(Configs.to("a.test", backend.endpoint()));
      client.get("a.test", "/first");
      assertThat(client.get("a.test", "/second").status()).isEqualTo(502);
      assertThat(deliveries(backend, "GET /second")).isEqualTo(1);
    }
  }

  @Test
  void nothingIsSentAgainWithoutABudget() {
    try (RunningProxy proxy = RunningProxy.with(retries(0, 0));
        TestBackend backend = forgetful();
        RawClient client = proxy.client()) {
      proxy.serve(Configs.to("a.test", backend.endpoint()));
      client.get("a.test", "/first");
      assertThat(client.get("a.test", "/second").status()).isEqualTo(502);
      assertThat(deliveries(backend, "GET /second")).isEqualTo(1);
      assertThat(proxy.server().meters().backends().read().retriesDenied()).isEqualTo(1);
    }
  }

  /** Five lose their connections at once, and two of them may be sent again. */
  @Test
  void budgetBoundsHowManyAreOnTheirWayTwice() {
    int clients = 5;
    CountDownLatch primed = new CountDownLatch(clients);
    CountDownLatch taken = new CountDownLatch(clients);
    CountDownLatch told = new CountDownLatch(1);
    AtomicInteger number = new AtomicInteger();
    try (RunningProxy proxy = RunningProxy.with(retries(0, 2));
        TestBackend backend =
            new TestBackend(
                connection -> {
                  boolean first = number.getAndIncrement() < clients;
                  connection.readRequest();
                  if (first) {
                    meet(primed);
                    connection.answer("ok");
                    connection.readRequest();
                    meet(taken);
                  } else {
                    waitFor(told);
                    connection.answer("again");
                    connection.readRequest();
                  }
                })) {
      proxy.serve(Configs.to("a.test", backend.endpoint()));
      List<RawClient> all = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        all.add(proxy.client().send("GET /first HTTP/1.1\r\nHost: a.test\r\n\r\n"));
      }
      all.forEach(it -> assertThat(it.read().status()).isEqualTo(200));
      all.forEach(it -> it.send("GET /second HTTP/1.1\r\nHost: a.test\r\n\r\n"));
      await().until(() -> proxy.server().meters().backends().read().retriesDenied() == 3);
      await().until(() -> deliveries(backend, "GET /second") == clients + 2);
      told.countDown();
      assertThat(all.stream().map(it -> it.read().status()).sorted())
          .containsExactly(200, 200, 502, 502, 502);
      all.forEach(RawClient::close);
    }
  }

  private static void meet(CountDownLatch latch) {
    latch.countDown();
    waitFor(latch);
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
