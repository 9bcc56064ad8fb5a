package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.proxy.ProxySettings.Listen;
import dev.lockstep.agent.proxy.server.ProxyServer;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A replica that stood still serves nothing old when it wakes. */
class PauseTest {
  private static final Duration FENCE = Duration.ofMillis(500);

  private final BlockingQueue<Duration> pauses = new LinkedBlockingQueue<>();

  private ProxySettings settings() {
    ProxySettings.Timeouts standard = ProxySettings.Timeouts.STANDARD;
    return new ProxySettings(
        List.of(new Listen("127.0.0.1", 0, Listen.Sharing.ALONE)),
        List.of(),
        1,
        ProxySettings.Limits.STANDARD,
        new ProxySettings.Timeouts(
            standard.head(),
            standard.idle(),
            standard.stall(),
            standard.handshake(),
            standard.linger(),
            standard.backendIdle(),
            FENCE),
        ProxySettings.Http2.TLS,
        ProxySettings.VersionHeader.HIDDEN,
        Seeing.STANDARD,
        BackendSettings.STANDARD,
        ProxySettings.ProxyProtocol.NONE);
  }

  @Test
  void requestThatWaitedThroughAPauseIsRefusedUntilSomebodySaysGoOn() throws Exception {
    Route hello = Configs.route("a.test", RoutePolicy.OPEN, new Route.Action.Respond(200, "hi"));
    try (ProxyServer server = new ProxyServer(settings(), pauses::add, System::nanoTime)) {
      ProxyServer.Bound bound = RunningProxy.await(server.bind());
      RunningProxy.await(server.swap(Configs.table(1, RouterConfig.EMPTY.with(hello))));
      RunningProxy.await(server.admission(Admission.ACCEPT));
      try (RawClient client = new RawClient(bound.http().getFirst())) {
        assertThat(client.get("a.test", "/").status()).isEqualTo(200);
        CountDownLatch standing = new CountDownLatch(1);
        CompletionStage<Void> pause = server.onEveryLoop(_ -> standStill(standing));
        assertThat(standing.await(5, TimeUnit.SECONDS)).isTrue();
        client.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
        RunningProxy.await(pause);
        RawClient.Response refused = client.read();
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.field("connection")).hasValue("close");
      }
      assertThat(pauses.poll(5, TimeUnit.SECONDS)).isGreaterThan(FENCE);
      RunningProxy.await(server.resumed());
      try (RawClient client = new RawClient(bound.http().getFirst())) {
        assertThat(client.get("a.test", "/").body()).isEqualTo("hi");
      }
      assertThat(pauses).isEmpty();
    }
  }

  /** Holds the event loop as long as a stopped process would. */
  private static void standStill(CountDownLatch standing) {
    standing.countDown();
    try {
      assertThat(new CountDownLatch(1).await(FENCE.toMillis() * 2, TimeUnit.MILLISECONDS))
          .isFalse();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
