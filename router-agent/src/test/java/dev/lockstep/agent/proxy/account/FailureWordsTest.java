package dev.lockstep.agent.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RawHttp2;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.Seeing.Log.Query;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.agent.proxy.TestTls;
import dev.lockstep.agent.proxy.request.Worker;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each way in which a request can go wrong has its word, in its line and in the figures. */
class FailureWordsTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";

  @TempDir Path directory;
  private LogFixture log;
  private RunningProxy proxy;

  @BeforeEach
  void start() {
    log = new LogFixture(directory.resolve("access.log"));
    proxy = log.proxy(Query.LEFT_OUT);
  }

  @AfterEach
  void stop() {
    proxy.close();
  }

  private void serve(RoutePolicy policy, TestBackend... backends) {
    var endpoints =
        List.of(backends).stream()
            .map(TestBackend::endpoint)
            .toArray(dev.lockstep.core.config.Backend.Endpoint[]::new);
    proxy.serve(Configs.with(RouterConfig.EMPTY, "a.test", policy, endpoints));
  }

  private int statusOf(String request) {
    try (RawClient client = proxy.client()) {
      return client.send(request).read().status();
    }
  }

  private void assertFailure(Failure expected, int status) {
    JsonNode line = log.line();
    assertThat(line.path("failure").asText()).isEqualTo(expected.text());
    assertThat(line.path("status").asInt()).isEqualTo(status);
    assertThat(proxy.server().accounts().failures().of(expected)).isEqualTo(1);
  }

  private static TestBackend answering(String answer) {
    return new TestBackend(
        connection -> {
          connection.readRequest();
          connection.send(answer);
        });
  }

  private static TestBackend silent() {
    return new TestBackend(
        connection -> {
          connection.readRequest();
          connection.readRequest();
        });
  }

  @Test
  void noRoute() {
    assertThat(statusOf(GET)).isEqualTo(404);
    assertFailure(Failure.NO_ROUTE, 404);
    assertThat(log.line().has("route")).isFalse();
  }

  @Test
  void notAllowed() {
    RoutePolicy nobody =
        new RoutePolicy(
            Optional.of(List.of()),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            RoutePolicy.Scheme.HTTP_AND_HTTPS);
    serve(nobody);
    assertThat(statusOf(GET)).isEqualTo(403);
    assertFailure(Failure.NOT_ALLOWED, 403);
    assertThat(log.line().get("route").asText()).isEqualTo("ingress/shop/web");
  }

  @Test
  void noEndpoint() {
    serve(RoutePolicy.OPEN);
    assertThat(statusOf(GET)).isEqualTo(503);
    assertFailure(Failure.NO_ENDPOINT, 503);
  }

  @Test
  void connectFailed() {
    TestBackend dead = TestBackend.saying("dead");
    TestBackend deadToo = TestBackend.saying("dead");
    dead.close();
    deadToo.close();
    serve(RoutePolicy.OPEN, dead, deadToo);
    assertThat(statusOf(GET)).isEqualTo(502);
    assertFailure(Failure.CONNECT_FAILED, 502);
    assertThat(log.line().get("attempts").asInt()).isEqualTo(2);
    assertThat(log.line().has("connectMs")).isFalse();
  }

  @Test
  void backendResetBeforeAndWithinItsAnswer() {
    try (TestBackend backend = answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")) {
      serve(RoutePolicy.OPEN, backend);
      assertThat(new String(raw(GET))).endsWith("half");
      assertFailure(Failure.BACKEND_RESET, 200);
      assertThat(log.line().get("bytesOut").asInt()).isEqualTo(4);
    }
    try (TestBackend backend = answering("")) {
      serve(RoutePolicy.OPEN, backend);
      assertThat(statusOf(GET)).isEqualTo(502);
      assertThat(log.lines(2).getLast().get("failure").asText()).isEqualTo("backend-reset");
    }
  }

  private byte[] raw(String request) {
    try (RawClient client = proxy.client()) {
      return client.send(request).readN(10_000);
    }
  }

  @Test
  void answerMalformed() {
    try (TestBackend backend = answering("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")) {
      serve(RoutePolicy.OPEN, backend);
      assertThat(statusOf(GET)).isEqualTo(502);
      assertFailure(Failure.ANSWER_MALFORMED, 502);
    }
  }

  @Test
  void backendTimeout() {
    try (TestBackend backend = silent()) {
      serve(Configs.timeouts(Duration.ofSeconds(5), Duration.ofMillis(200)), backend);
      assertThat(statusOf(GET)).isEqualTo(504);
      assertFailure(Failure.BACKEND_TIMEOUT, 504);
    }
  }

  @Test
  void requestTimeout() {
    try (TestBackend backend = silent()) {
      serve(Configs.timeouts(Duration.ofSeconds(5), Duration.ofMillis(200)), backend);
      assertThat(statusOf("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9\r\n\r\nhalf"))
          .isEqualTo(408);
      assertFailure(Failure.REQUEST_TIMEOUT, 408);
    }
  }

  /** Who only ended its side may still read, for a moment. */
  @Test
  void clientGone() {
    try (TestBackend backend = silent()) {
      serve(RoutePolicy.OPEN, backend);
      try (RawClient client = proxy.client()) {
        client.send(GET);
        await().until(() -> backend.requests().size() == 1);
      }
      assertThat(log.line().get("failure").asText()).isEqualTo("client-gone");
    }
  }

  @Test
  void clientGoneByAReset() throws IOException {
    try (TestBackend backend = silent()) {
      serve(RoutePolicy.OPEN, backend);
      try (RawClient client = proxy.client()) {
        client.send(GET);
        await().until(() -> backend.requests().size() == 1);
        client.socket().setSoLinger(true, 0);
      }
      assertFailure(Failure.CLIENT_GONE, 0);
      assertThat(log.line().has("status")).isFalse();
    }
  }

  @Test
  void clientGoneFromAStream() {
    try (TestBackend backend = silent();
        RawHttp2 client = new RawHttp2(RawClient.open(proxy.http()))) {
      serve(RoutePolicy.OPEN, backend);
      int stream = client.get("a.test", "/");
      await().until(() -> backend.requests().size() == 1);
      client.send(RawHttp2.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
      assertFailure(Failure.CLIENT_GONE, 0);
    }
  }

  /** What cannot be read is not repeated. */
  @Test
  void requestMalformed() {
    assertThat(statusOf("GET /secret HTTP/1.1\r\nHost: a.test\r\nA : b\r\n\r\n")).isEqualTo(400);
    assertFailure(Failure.REQUEST_MALFORMED, 400);
    assertThat(log.texts().getFirst()).doesNotContain("secret", "method", "path", "host");
    try (RawHttp2 client = new RawHttp2(RawClient.open(proxy.http()))) {
      int stream = client.open(RawHttp2.END_STREAM, ":method", "GET", ":scheme", "http");
      assertThat(client.result(stream).reset()).isEqualTo(1);
    }
    assertThat(log.lines(2).getLast().get("failure").asText()).isEqualTo("request-malformed");
  }

  @Test
  void tlsMismatch() {
    proxy.serve(Configs.tls(RouterConfig.EMPTY, "a.test", TestCertificate.of("a", "a.test")));
    try (RawClient client = new RawClient(TestTls.connect(proxy.https(), "a.test"))) {
      assertThat(client.get("b.test", "/").status()).isEqualTo(421);
    }
    assertFailure(Failure.TLS_MISMATCH, 421);
    assertThat(log.line().get("scheme").asText()).isEqualTo("https");
  }

  @Test
  void notReady() {
    proxy.refuse();
    assertThat(statusOf(GET)).isEqualTo(503);
    assertFailure(Failure.NOT_READY, 503);
  }

  @Test
  void shutDown() {
    LogFixture last = new LogFixture(directory.resolve("last.log"));
    try (TestBackend backend = silent();
        RunningProxy ending = last.proxy(Query.LEFT_OUT);
        RawClient client =
            ending.serve(Configs.to("a.test", backend.endpoint())).client().send(GET)) {
      await().until(() -> backend.requests().size() == 1);
      ending.server().onEveryLoop(Worker::close);
      assertThat(client.isClosedByServer()).isTrue();
      assertThat(last.line().get("failure").asText()).isEqualTo(Failure.SHUT_DOWN.text());
    }
  }
}
