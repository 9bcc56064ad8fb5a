package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the client sees when a backend or a client fails, and what is tried again. */
class FailureTest {
  private static final String HOST = "Host: a.test\r\n";

  private final RunningProxy proxy = new RunningProxy();

  @AfterEach
  void stop() {
    proxy.close();
  }

  private RawClient serving(TestBackend backend) {
    proxy.serve(Configs.to("a.test", backend.endpoint()));
    return proxy.client();
  }

  private static TestBackend answering(String response) {
    return new TestBackend(
        connection -> {
          while (!connection.readRequest().isEmpty()) {
            connection.send(response);
          }
        });
  }

  @Test
  void nonsenseFromTheBackendIsBadGateway() {
    for (String nonsense :
        List.of(
            "hello\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nX : 1\r\n\r\n",
            "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 999 X\r\n\r\n")) {
      try (TestBackend backend = answering(nonsense);
          RawClient client = serving(backend)) {
        assertThat(client.get("a.test", "/").status()).as(nonsense).isEqualTo(502);
        assertThat(client.get("nobody.test", "/").status()).isEqualTo(404);
      }
    }
  }

  @Test
  void extraBytesAfterAResponseCloseTheBackendConnection() {
    try (TestBackend backend =
            answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 Evil\r\n");
        RawClient client = serving(backend)) {
      assertThat(client.get("a.test", "/").body()).isEqualTo("ok");
      assertThat(client.get("a.test", "/").body()).isEqualTo("ok");
      assertThat(backend.connections()).isEqualTo(2);
    }
  }

  @Test
  void lostResponseIsCutAndNotFinished() {
    try (TestBackend backend =
            new TestBackend(
                connection -> {
                  connection.readRequest();
                  connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe");
                });
        RawClient client = serving(backend)) {
      client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n");
      String got = new String(client.readN(10_000), java.nio.charset.StandardCharsets.US_ASCII);
      assertThat(got).startsWith("HTTP/1.1 200").endsWith("\r\n2\r\nhe\r\n");
    }
  }

  @Test
  void requestGoesToAnotherEndpointWhenNoConnectionStands() {
    try (TestBackend alive = TestBackend.saying("alive")) {
      TestBackend dead = TestBackend.saying("dead");
      Backend.Endpoint closed = dead.endpoint();
      dead.close();
      proxy.serve(Configs.to("a.test", closed, alive.endpoint()));
      try (RawClient client = proxy.client()) {
        for (int i = 0; i < 6; i++) {
          client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 2\r\n\r\nhi");
          assertThat(client.read().body()).isEqualTo("alive");
        }
      }
      assertThat(proxy.server().meters().read().retries()).isPositive();
    }
  }

  @Test
  void allEndpointsDeadIsBadGateway() {
    TestBackend dead = TestBackend.saying("dead");
    dead.close();
    proxy.serve(Configs.to("a.test", dead.endpoint()));
    try (RawClient client = proxy.client()) {
      assertThat(client.get("a.test", "/").status()).isEqualTo(502);
      assertThat(client.get("a.test", "/").status()).isEqualTo(502);
    }
  }

  @Test
  void addressesThatOnlyThisMachineReachesAreRefused() {
    try (TestBackend backend = TestBackend.saying("secret")) {
      for (String address :
          List.of("127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "0.0.0.0")) {
        Backend.Endpoint endpoint =
            new Backend.Endpoint(address, backend.endpoint().port(), Backend.Endpoint.State.READY);
        proxy.serve(Configs.to("a.test", endpoint));
        try (RawClient client = proxy.client()) {
          assertThat(client.get("a.test", "/").status()).as(address).isEqualTo(502);
        }
      }
      assertThat(backend.connections()).isZero();
    }
  }

  @Test
  void staleConnectionIsReplacedForIdempotentRequestsOnly() {
    try (TestBackend backend =
            new TestBackend(
                connection -> {
                  connection.readRequest();
                  connection.answer("ok");
                  // Takes the second request of each connection, and closes without an answer.
                  connection.readRequest();
                });
        RawClient client = serving(backend)) {
      assertThat(client.get("a.test", "/1").status()).isEqualTo(200);
      assertThat(client.get("a.test", "/2").status()).isEqualTo(200);
      client.send("POST /3 HTTP/1.1\r\n" + HOST + "Content-Length: 0\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(502);
      assertThat(backend.requests().stream().filter(r -> r.startsWith("POST"))).hasSize(1);
    }
  }

  @Test
  void freshConnectionThatClosesWithoutAnAnswerIsBadGateway() {
    try (TestBackend backend = new TestBackend(TestBackend.Connection::readRequest);
        RawClient client = serving(backend)) {
      assertThat(client.get("a.test", "/").status()).isEqualTo(502);
      assertThat(backend.requests()).hasSize(1);
    }
  }

  @Test
  void slowBackendIsGatewayTimeout() {
    try (TestBackend backend =
        new TestBackend(
            connection -> {
              connection.readRequest();
              connection.readRequest();
            })) {
      RoutePolicy policy = Configs.timeouts(Duration.ofSeconds(1), Duration.ofMillis(200));
      proxy.serve(Configs.with(RouterConfig.EMPTY, "a.test", policy, backend.endpoint()));
      try (RawClient client = proxy.client()) {
        assertThat(client.get("a.test", "/").status()).isEqualTo(504);
        assertThat(client.get("nobody.test", "/").status()).isEqualTo(404);
      }
    }
  }

  @Test
  void slowClientGetsARequestTimeout() {
    try (RunningProxy quick = new RunningProxy(RunningProxy.idle(Duration.ofMillis(200)));
        RawClient client = quick.client();
        RawClient silent = new RawClient(quick.http())) {
      client.get("a.test", "/");
      client.send("GET / HTTP/1.1\r\nHo");
      assertThat(client.read().status()).isEqualTo(408);
      assertThat(client.isClosedByServer()).isTrue();
      silent.get("a.test", "/");
      assertThat(silent.isClosedByServer()).isTrue();
    }
  }

  @Test
  void backendConnectionIsDroppedWhenTheClientGoes() {
    try (TestBackend backend =
            new TestBackend(
                connection -> {
                  connection.readRequest();
                  connection.readRequest();
                });
        RawClient client = serving(backend)) {
      client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n");
      await().until(() -> backend.requests().size() == 1);
      client.close();
      await().until(() -> backend.openConnections() == 0);
    }
  }

  @Test
  void earlyAnswerClosesBothConnections() {
    try (TestBackend backend =
            new TestBackend(
                connection -> {
                  byte[] some = connection.in().readNBytes(20);
                  connection.send("HTTP/1.1 413 X\r\nContent-Length: " + some.length + "\r\n\r\n");
                  connection.send("x".repeat(some.length));
                  connection.readRequest();
                });
        RawClient client = serving(backend)) {
      client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1000000\r\n\r\nabc");
      assertThat(client.read().status()).isEqualTo(413);
      assertThat(client.isClosedByServer()).isTrue();
      await().until(() -> backend.openConnections() == 0);
    }
  }

  @Test
  void connectionsBeyondTheLimitAreClosed() {
    ProxySettings.Limits two =
        new ProxySettings.Limits(ProxySettings.Limits.STANDARD.head(), 2, 100, 4, 2);
    try (RunningProxy small =
            new RunningProxy(RunningProxy.settings(ProxySettings.Timeouts.STANDARD, two));
        RawClient one = small.client();
        RawClient other = small.client()) {
      one.get("a.test", "/");
      other.get("a.test", "/");
      try (RawClient third = small.client()) {
        assertThat(third.isClosedByServer()).isTrue();
      }
      assertThat(small.server().meters().read().connectionsRefused()).isEqualTo(1);
      assertThat(small.server().meters().read().activeConnections()).isEqualTo(2);
    }
  }
}
