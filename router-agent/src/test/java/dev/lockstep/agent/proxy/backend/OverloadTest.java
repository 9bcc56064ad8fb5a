package dev.lockstep.agent.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.account.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A replica that may have two requests on their way to backends. */
class OverloadTest {
  private final Semaphore answers = new Semaphore(0);
  private final TestBackend backend = TestBackend.allowed(answers);
  private final List<RawClient> clients = new ArrayList<>();
  private final RunningProxy proxy =
      new RunningProxy(
              RunningProxy.settings(
                  ProxySettings.Timeouts.STANDARD,
                  new ProxySettings.Limits(ProxySettings.Limits.STANDARD.head(), 100, 2, 4, 2)))
          .serve(Configs.to("a.test", backend.endpoint()));

  @AfterEach
  void stop() {
    answers.release(1000);
    clients.forEach(RawClient::close);
    proxy.close();
    backend.close();
  }

  private RawClient ask(String path) {
    return connect().send(get(path));
  }

  private RawClient connect() {
    RawClient client = proxy.client();
    clients.add(client);
    return client;
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: a.test\r\n\r\n";
  }

  private List<RawClient> twoOnTheirWay() {
    List<RawClient> two = List.of(ask("/a"), ask("/b"));
    await().until(() -> backend.requests().size() == 2);
    return two;
  }

  @Test
  void oneTooManyIsTurnedAwayAtOnceAndMayComeAgain() {
    List<RawClient> served = twoOnTheirWay();
    RawClient other = ask("/c");
    RawClient.Response refused = other.read();
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.field("retry-after")).isPresent();
    assertThat(proxy.server().accounts().failures().of(Failure.OVERLOADED)).isEqualTo(1);
    assertThat(backend.requests()).as("nobody was asked for it").hasSize(2);
    answers.release(3);
    assertThat(served.get(0).read().body()).isEqualTo("/a");
    assertThat(served.get(1).read().body()).isEqualTo("/b");
    assertThat(other.send(get("/d")).read().body()).as("on the same connection").isEqualTo("/d");
  }

  @Test
  void bodyOfWhoIsTurnedAwayIsNotWaitedFor() {
    twoOnTheirWay();
    RawClient other = connect();
    other.send("POST /c HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000\r\n\r\nabc");
    assertThat(other.read().status()).isEqualTo(503);
    assertThat(other.isClosedByServer()).isTrue();
  }

  @Test
  void everyEndOfARequestMakesRoom() {
    for (int i = 0; i < 5; i++) {
      int before = backend.requests().size();
      List<RawClient> two = List.of(ask("/a"), ask("/b"));
      await().until(() -> backend.requests().size() == before + 2);
      two.forEach(RawClient::close);
      await().until(() -> proxy.server().meters().read().activeConnections() == 0);
    }
    answers.release(100);
    assertThat(ask("/c").read().body()).isEqualTo("/c");
  }

  @Test
  void whatIsAnsweredHereNeedsNoRoom() {
    twoOnTheirWay();
    RawClient other = connect();
    other.send("GET / HTTP/1.1\r\nHost: unknown.test\r\n\r\n");
    assertThat(other.read().status()).isEqualTo(404);
  }
}
