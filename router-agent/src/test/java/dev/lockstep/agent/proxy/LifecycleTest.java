package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.ProxySettings.Listen;
import dev.lockstep.agent.proxy.server.ProxyServer;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Listening, letting clients go, stopping. */
class LifecycleTest {

  private static ProxyServer listening(Listen address) {
    ProxySettings settings = ProxySettings.standard(List.of(address), List.of());
    return new ProxyServer(settings, _ -> {}, System::nanoTime);
  }

  @Test
  void replicasShareAPortIfTheySayBothSo() {
    Listen any = new Listen("127.0.0.1", 0, Listen.Sharing.SHARED);
    try (ProxyServer first = listening(any)) {
      int port = RunningProxy.await(first.bind()).http().getFirst().getPort();
      try (ProxyServer second = listening(new Listen("127.0.0.1", port, Listen.Sharing.SHARED));
          ProxyServer third = listening(new Listen("127.0.0.1", port, Listen.Sharing.ALONE))) {
        assertThat(RunningProxy.await(second.bind()).http().getFirst().getPort()).isEqualTo(port);
        assertThatThrownBy(() -> third.bind().toCompletableFuture().join())
            .isInstanceOf(CompletionException.class)
            .hasRootCauseInstanceOf(java.io.IOException.class)
            .hasMessageContaining("in use");
      }
    }
  }

  @Test
  void retiredConnectionsCloseAfterTheirNextResponseOrWhenTheirTimeComes() {
    try (TestBackend backend = TestBackend.saying("ok");
        RunningProxy proxy = new RunningProxy().serve(Configs.to("a.test", backend.endpoint()));
        RawClient busy = proxy.client();
        RawClient idle = proxy.client()) {
      busy.get("a.test", "/");
      idle.get("a.test", "/");
      RunningProxy.await(proxy.server().retireConnections(Duration.ofMillis(300)));
      try (RawClient late = proxy.client()) {
        assertThat(late.get("a.test", "/").field("connection")).hasValue("close");
      }
      assertThat(idle.isClosedByServer()).isTrue();
      assertThat(busy.isClosedByServer()).isTrue();
      RunningProxy.await(proxy.server().admission(Admission.ACCEPT));
      try (RawClient fresh = proxy.client()) {
        assertThat(fresh.get("a.test", "/").field("connection")).isEmpty();
        assertThat(fresh.get("a.test", "/").status()).isEqualTo(200);
      }
    }
  }

  @Test
  void retiredConnectionSaysCloseOnItsNextResponse() {
    try (TestBackend backend = TestBackend.saying("ok");
        RunningProxy proxy = new RunningProxy().serve(Configs.to("a.test", backend.endpoint()));
        RawClient client = proxy.client()) {
      client.get("a.test", "/");
      RunningProxy.await(proxy.server().retireConnections(Duration.ofSeconds(30)));
      assertThat(client.get("a.test", "/").field("connection")).hasValue("close");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void drainFinishesRequestsAndRefusesConnections() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (TestBackend backend =
            new TestBackend(
                connection -> {
                  connection.readRequest();
                  awaitLatch(release);
                  connection.answer("late");
                  connection.readRequest();
                });
        RunningProxy proxy = new RunningProxy().serve(Configs.to("a.test", backend.endpoint()));
        RawClient client = proxy.client()) {
      client.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
      await().until(() -> backend.requests().size() == 1);
      CompletionStage<Void> drained = proxy.server().drain(Duration.ofSeconds(20));
      await()
          .untilAsserted(() -> assertThatThrownBy(proxy::client).hasMessageContaining("refused"));
      assertThat(drained.toCompletableFuture()).isNotDone();
      release.countDown();
      RawClient.Response response = client.read();
      assertThat(response.body()).isEqualTo("late");
      assertThat(response.field("connection")).hasValue("close");
      client.close();
      RunningProxy.await(drained);
    }
  }

  @Test
  void drainCutsWhatIsLeftAtItsEnd() {
    try (TestBackend backend =
            new TestBackend(
                connection -> {
                  connection.readRequest();
                  connection.readRequest();
                });
        RunningProxy proxy = new RunningProxy().serve(Configs.to("a.test", backend.endpoint()));
        RawClient client = proxy.client()) {
      client.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
      await().until(() -> backend.requests().size() == 1);
      RunningProxy.await(proxy.server().drain(Duration.ofMillis(200)));
      assertThat(client.isClosedByServer()).isTrue();
      assertThat(proxy.server().meters().read().activeConnections()).isZero();
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void unusedBackendConnectionsAreClosed() {
    ProxySettings.Timeouts standard = ProxySettings.Timeouts.STANDARD;
    ProxySettings.Timeouts quick =
        new ProxySettings.Timeouts(
            standard.head(),
            standard.idle(),
            standard.stall(),
            standard.handshake(),
            standard.linger(),
            Duration.ofMillis(100),
            standard.fence());
    try (TestBackend backend = TestBackend.saying("ok");
        RunningProxy proxy =
            new RunningProxy(quick).serve(Configs.to("a.test", backend.endpoint()));
        RawClient client = proxy.client()) {
      client.get("a.test", "/");
      await().until(() -> backend.openConnections() == 0);
      assertThat(client.get("a.test", "/").status()).isEqualTo(200);
      assertThat(backend.connections()).isEqualTo(2);
    }
  }

  @Test
  void namespacesNeverShareABackendConnection() {
    try (TestBackend backend = TestBackend.saying("ok");
        RunningProxy proxy = new RunningProxy()) {
      RouterConfig config = RouterConfig.EMPTY;
      for (String namespace : List.of("one", "two")) {
        dev.lockstep.core.config.Backend.Id id =
            new dev.lockstep.core.config.Backend.Id(namespace, "web", "80");
        config =
            config
                .with(
                    Configs.route(
                        namespace + ".test",
                        RoutePolicy.OPEN,
                        dev.lockstep.core.config.Route.Action.Forward.to(id)))
                .with(new dev.lockstep.core.config.Backend(id, List.of(backend.endpoint())));
      }
      proxy.serve(config);
      try (RawClient client = proxy.client()) {
        for (int i = 0; i < 3; i++) {
          client.get("one.test", "/");
          client.get("two.test", "/");
        }
      }
      assertThat(backend.connections()).isEqualTo(2);
    }
  }

  @Test
  void metersCountWhatHappened() {
    try (TestBackend backend = TestBackend.saying("ok");
        RunningProxy proxy = new RunningProxy().serve(Configs.to("a.test", backend.endpoint()));
        RawClient client = proxy.client()) {
      client.get("a.test", "/");
      client.get("a.test", "/");
      client.get("b.test", "/");
      ProxyMeters.Reading reading = proxy.server().meters().read();
      assertThat(reading.responses().successful()).isEqualTo(2);
      assertThat(reading.responses().clientErrors()).isEqualTo(1);
      assertThat(reading.activeConnections()).isEqualTo(1);
      assertThat(reading.backendConnects()).isEqualTo(1);
      assertThat(reading.bytesFromClients()).isGreaterThan(90);
      assertThat(reading.bytesFromBackends()).isGreaterThan(60);
    }
  }
}
