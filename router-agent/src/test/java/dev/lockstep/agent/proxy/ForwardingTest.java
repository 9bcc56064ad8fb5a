package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Cidr;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The way of a request, seen from both ends. */
class ForwardingTest {
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
  void bothSidesKeepTheirConnections() {
    try (TestBackend backend = TestBackend.saying("hello");
        RawClient client = serving(backend)) {
      for (int i = 0; i < 50; i++) {
        assertThat(client.get("a.test", "/" + i).body()).isEqualTo("hello");
      }
      assertThat(backend.connections()).isEqualTo(1);
      assertThat(backend.requests()).hasSize(50);
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() {
    try (TestBackend backend =
            new TestBackend(
                connection -> {
                  for (String r = connection.readRequest(); !r.isEmpty(); ) {
                    connection.answer(r.split(" ")[1]);
                    r = connection.readRequest();
                  }
                });
        RawClient client = serving(backend)) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 200; i++) {
        String host = i % 3 == 2 ? "unknown.test" : "a.test";
        all.append("GET /").append(i).append(" HTTP/1.1\r\nHost: ").append(host);
        all.append("\r\n\r\n");
      }
      client.send(all.toString());
      for (int i = 0; i < 200; i++) {
        RawClient.Response response = client.read();
        assertThat(response.status()).isEqualTo(i % 3 == 2 ? 404 : 200);
        assertThat(response.body()).startsWith(i % 3 == 2 ? "404" : "/" + i);
      }
    }
  }

  @Test
  void responseFieldsOfTheHopAreLeftOut() {
    try (TestBackend backend =
            answering(
                "HTTP/1.1 200 Fine\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=3\r\n"
                    + "X-Stays: yes\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nok");
        RawClient client = serving(backend)) {
      RawClient.Response response = client.get("a.test", "/");
      assertThat(response.head()).startsWith("http/1.1 200 fine\r\n");
      assertThat(response.field("x-stays")).hasValue("yes");
      assertThat(response.field("x-hop")).isEmpty();
      assertThat(response.field("keep-alive")).isEmpty();
      assertThat(response.field("connection")).isEmpty();
      assertThat(response.field("upgrade")).isEmpty();
    }
  }

  @Test
  void chunksAndTrailersPass() {
    try (TestBackend backend =
            answering(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
                    + "5;e=1\r\nhello\r\n0\r\nX-T: 1\r\nSet-Cookie: a\r\n\r\n");
        RawClient client = serving(backend)) {
      assertThat(client.get("a.test", "/").body()).isEqualTo("hello[X-T: 1][Set-Cookie: a]");
      assertThat(client.get("a.test", "/").body()).isEqualTo("hello[X-T: 1][Set-Cookie: a]");
      assertThat(backend.connections()).isEqualTo(1);
    }
  }

  @Test
  void bodyThatEndsWithTheConnectionIsChunkedForTheClient() {
    try (TestBackend backend =
            new TestBackend(
                connection -> {
                  connection.readRequest();
                  connection.send("HTTP/1.0 200 OK\r\n\r\nuntil the end");
                });
        RawClient client = serving(backend)) {
      assertThat(client.get("a.test", "/").body()).isEqualTo("until the end");
      assertThat(client.get("a.test", "/").body()).isEqualTo("until the end");
    }
  }

  @Test
  void http10ClientGetsItsBodyUntilTheConnectionCloses() {
    try (TestBackend backend =
            answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
        RawClient client = serving(backend)) {
      client.send("GET / HTTP/1.0\r\n" + HOST + "Connection: keep-alive\r\n\r\n");
      RawClient.Response response = client.read();
      assertThat(response.field("transfer-encoding")).isEmpty();
      assertThat(response.field("connection")).hasValue("close");
      assertThat(response.body()).isEqualTo("ok");
    }
  }

  @Test
  void http10ClientMayKeepItsConnection() {
    try (TestBackend backend = TestBackend.saying("ok");
        RawClient client = serving(backend)) {
      String request = "GET / HTTP/1.0\r\n" + HOST;
      client.send(request + "Connection: keep-alive\r\n\r\n");
      assertThat(client.read().field("connection")).hasValue("keep-alive");
      client.send(request + "\r\n");
      assertThat(client.read().field("connection")).hasValue("close");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void responsesWithoutBodyKeepTheConnectionInStep() {
    try (TestBackend backend =
            new TestBackend(
                connection -> {
                  for (String r = connection.readRequest(); !r.isEmpty(); ) {
                    String status = r.split("[ /]")[2];
                    connection.send("HTTP/1.1 " + status + " X\r\nContent-Length: 9\r\n\r\n");
                    r = connection.readRequest();
                  }
                });
        RawClient client = serving(backend)) {
      client.send("HEAD /200 HTTP/1.1\r\n" + HOST + "\r\n");
      assertThat(client.readHead().field("content-length")).hasValue("9");
      assertThat(client.get("a.test", "/304").field("content-length")).hasValue("9");
      assertThat(client.get("a.test", "/204").field("content-length")).isEmpty();
      assertThat(client.get("a.test", "/304").status()).isEqualTo(304);
      assertThat(backend.connections()).isEqualTo(1);
    }
  }

  @Test
  void continueIsAnsweredByUsAndNotForwarded() {
    try (TestBackend backend = TestBackend.saying("done");
        RawClient client = serving(backend)) {
      client.send(
          "POST / HTTP/1.1\r\n" + HOST + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(100);
      client.send("hello");
      assertThat(client.read().body()).isEqualTo("done");
      assertThat(backend.requests().getFirst()).endsWith("\r\n\r\nhello").doesNotContain("xpect");
    }
  }

  @Test
  void unknownHostAnswersBeforeTheBodyIsSent() {
    proxy.serve(RouterConfig.EMPTY);
    try (RawClient client = proxy.client()) {
      client.send(
          "POST / HTTP/1.1\r\n" + HOST + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(404);
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void interimResponsesOfTheBackendAreSwallowed() {
    try (TestBackend backend =
            answering(
                "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                    + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        RawClient client = serving(backend)) {
      assertThat(client.get("a.test", "/").body()).isEqualTo("ok");
    }
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
  void noEndpointIsServiceUnavailable() {
    proxy.serve(Configs.to("a.test"));
    try (RawClient client = proxy.client()) {
      RawClient.Response response = client.get("a.test", "/");
      assertThat(response.status()).isEqualTo(503);
      assertThat(response.field("retry-after")).isPresent();
      assertThat(client.get("b.test", "/").status()).isEqualTo(404);
    }
  }

  @Test
  void routeMayAnswerByItself() {
    Route route =
        Configs.route("a.test", RoutePolicy.OPEN, new Route.Action.Respond(503, "maintenance"));
    proxy.serve(RouterConfig.EMPTY.with(route));
    try (RawClient client = proxy.client()) {
      assertThat(client.get("a.test", "/x").body()).isEqualTo("maintenance");
    }
  }

  @Test
  void onlyAllowedSourcesComeIn() {
    try (TestBackend backend = TestBackend.saying("in")) {
      assertThat(statusFrom(Optional.of(List.of()), backend)).isEqualTo(403);
      assertThat(statusFrom(cidr("10.0.0.0/8"), backend)).isEqualTo(403);
      assertThat(statusFrom(cidr("127.0.0.0/8"), backend)).isEqualTo(200);
      assertThat(backend.requests()).hasSize(1);
    }
  }

  private static Optional<List<Cidr>> cidr(String text) {
    return Optional.of(List.of(Cidr.parse(text).orElseThrow()));
  }

  private int statusFrom(Optional<List<Cidr>> allowed, TestBackend backend) {
    RoutePolicy policy =
        new RoutePolicy(
            allowed,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            RoutePolicy.Scheme.HTTP_AND_HTTPS);
    proxy.serve(Configs.with(RouterConfig.EMPTY, "a.test", policy, backend.endpoint()));
    try (RawClient client = proxy.client()) {
      return client
          .send("GET / HTTP/1.1\r\n" + HOST + "X-Forwarded-For: 10.0.0.1\r\n\r\n")
          .read()
          .status();
    }
  }

  @Test
  void plainRequestsToAnHttpsOnlyRouteAreRedirected() {
    RoutePolicy policy =
        new RoutePolicy(
            Optional.empty(),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            RoutePolicy.Scheme.HTTPS_ONLY);
    proxy.serve(Configs.with(RouterConfig.EMPTY, "a.test", policy));
    try (RawClient client = proxy.client()) {
      RawClient.Response get = client.get("a.test:8080", "/x/../y?q=1");
      assertThat(get.status()).isEqualTo(301);
      assertThat(get.field("location")).hasValue("https://a.test/y?q=1");
      client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 0\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(308);
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
  void clientThatClosedItsSideStillGetsItsAnswer() throws java.io.IOException {
    try (TestBackend backend = TestBackend.saying("ok");
        RawClient client = serving(backend)) {
      client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n");
      client.socket().shutdownOutput();
      assertThat(client.read().body()).isEqualTo("ok");
      assertThat(client.isClosedByServer()).isTrue();
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
        new ProxySettings.Limits(ProxySettings.Limits.STANDARD.head(), 2, 4, 2);
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
