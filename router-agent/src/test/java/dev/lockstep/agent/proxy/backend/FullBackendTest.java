package dev.lockstep.agent.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.BackendMeters;
import dev.lockstep.agent.proxy.BackendSettings;
import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.health.Recovery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A backend that may have one request at a time, for which one more may wait. */
class FullBackendTest {
  private final Semaphore answers = new Semaphore(0);
  private final TestBackend backend = TestBackend.allowed(answers);
  private final List<RawClient> clients = new ArrayList<>();
  private RunningProxy proxy = serving(Duration.ofMinutes(1));

  private RunningProxy serving(Duration target) {
    return RunningProxy.with(
            RunningProxy.backends(Recovery.STANDARD, new BackendSettings.Bound(1, 1, target)))
        .serve(Configs.to("a.test", backend.endpoint()));
  }

  @AfterEach
  void stop() {
    answers.release(1000);
    clients.forEach(RawClient::close);
    proxy.close();
    backend.close();
  }

  private RawClient ask(String path) {
    RawClient client = proxy.client();
    clients.add(client);
    return client.send("GET " + path + " HTTP/1.1\r\nHost: a.test\r\n\r\n");
  }

  private BackendMeters.Reading meters() {
    return proxy.server().meters().backends().read();
  }

  @Test
  void oneIsServedOneWaitsAndOneIsTurnedAway() {
    RawClient served = ask("/a");
    await().until(() -> backend.requests().size() == 1);
    RawClient waits = ask("/b");
    await().until(() -> meters().waiting() == 1);
    RawClient.Response refused = ask("/c").read();
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.field("retry-after")).isPresent();
    assertThat(meters().queueFull()).isEqualTo(1);
    assertThat(backend.requests()).hasSize(1);
    answers.release(2);
    assertThat(served.read().body()).isEqualTo("/a");
    assertThat(waits.read().body()).isEqualTo("/b");
    assertThat(meters().waiting()).isZero();
    assertThat(backend.connections()).as("who waited got the connection").isEqualTo(1);
  }

  @Test
  void whoWaitsTooLongIsToldSo() {
    proxy.close();
    proxy = serving(Duration.ofMillis(5));
    ask("/a");
    await().until(() -> backend.requests().size() == 1);
    RawClient.Response refused = ask("/b").read();
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.field("retry-after")).isPresent();
    assertThat(meters().queueLate()).isEqualTo(1);
    assertThat(backend.requests()).hasSize(1);
  }

  @Test
  void whoGoesWhileWaitingMakesRoom() {
    RawClient served = ask("/a");
    await().until(() -> backend.requests().size() == 1);
    RawClient gone = ask("/b");
    await().until(() -> meters().waiting() == 1);
    gone.close();
    await().until(() -> meters().waiting() == 0);
    RawClient waits = ask("/c");
    await().until(() -> meters().waiting() == 1);
    answers.release(2);
    assertThat(served.read().body()).isEqualTo("/a");
    assertThat(waits.read().body()).isEqualTo("/c");
    assertThat(backend.requests()).hasSize(2);
  }

  @Test
  void everyEndOfARequestIsTheNextOnesTurn() {
    for (int i = 0; i < 5; i++) {
      int before = backend.requests().size();
      RawClient gone = ask("/a");
      await().until(() -> backend.requests().size() == before + 1);
      gone.close();
    }
    answers.release(6);
    assertThat(ask("/b").read().body()).isEqualTo("/b");
  }
}
