package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

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
      // A 204 must not tell a length (RFC 9110 8.6): the backend's connection is not used again.
      assertThat(backend.connections()).isEqualTo(1);
      assertThat(client.get("a.test", "/304").status()).isEqualTo(304);
      assertThat(backend.connections()).isEqualTo(2);
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
  void clientThatClosedItsSideStillGetsItsAnswer() throws java.io.IOException {
    try (TestBackend backend = TestBackend.saying("ok");
        RawClient client = serving(backend)) {
      client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n");
      client.socket().shutdownOutput();
      assertThat(client.read().body()).isEqualTo("ok");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }
}
