package dev.lockstep.agent.proxy.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RawHttp2;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.agent.proxy.TestTls;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Interim responses over both protocols, on both sides; what is odd about them has its probes. */
class InterimTest {
  private final RunningProxy proxy = new RunningProxy();
  private final CountDownLatch hintSeen = new CountDownLatch(1);

  @AfterEach
  void stop() {
    proxy.close();
  }

  private void serve(Backend.Protocol protocol, Backend.Endpoint endpoint) {
    Backend.Id id = new Backend.Id("shop", "web", "80");
    RouterConfig config =
        RouterConfig.EMPTY
            .with(Configs.route("a.test", RoutePolicy.OPEN, Route.Action.Forward.to(id)))
            .with(new Backend(id, protocol, List.of(endpoint)));
    proxy.serve(Configs.tls(config, "a.test", TestCertificate.of("a", "a.test")));
  }

  private RawHttp2 http2() {
    return new RawHttp2(TestTls.connect(proxy.https(), "a.test", "h2"));
  }

  /** A backend whose answer waits until its hint has come through. */
  private TestBackend hinting() {
    return new TestBackend(
        connection -> {
          while (!connection.readRequest().isEmpty()) {
            connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nConnection: x\r\n\r\n");
            awaitHint();
            connection.answer("ok");
          }
        });
  }

  private void awaitHint() {
    try {
      assertThat(hintSeen.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void hintReachesTheClientBeforeTheAnswer() {
    try (TestBackend backend = hinting()) {
      serve(Backend.Cleartext.HTTP1, backend.endpoint());
      try (RawClient client = proxy.client()) {
        RawClient.Response hint = client.get("a.test", "/");
        assertThat(hint.head()).isEqualTo("http/1.1 103 early hints\r\nlink: </a.css>\r\n\r\n");
        hintSeen.countDown();
        assertThat(client.read().body()).isEqualTo("ok");
      }
      assertThat(proxy.server().meters().read().responses().informational()).isEqualTo(1);
    }
  }

  @Test
  void hintReachesAClientOfHttp2() {
    try (TestBackend backend = hinting()) {
      serve(Backend.Cleartext.HTTP1, backend.endpoint());
      try (RawHttp2 client = http2()) {
        int get = client.get("a.test", "/");
        assertThat(hint(client, get)).isEqualTo(Map.of(":status", "103", "link", "</a.css>"));
        hintSeen.countDown();
        assertThat(client.result(get).status()).isEqualTo(200);
        assertThat(client.result(get).body()).isEqualTo("ok");
      }
    }
  }

  private static Map<String, String> hint(RawHttp2 client, int stream) {
    while (client.blocks(stream).isEmpty()) {
      client.read();
    }
    return client.blocks(stream).getFirst();
  }

  @Test
  void hintOfABackendOfHttp2ReachesBoth() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      HttpServer server =
          vertx
              .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
              .requestHandler(
                  request ->
                      request
                          .response()
                          .writeEarlyHints(
                              MultiMap.caseInsensitiveMultiMap().add("link", "</a.css>"))
                          .onComplete(_ -> request.response().end("ok")))
              .listen()
              .toCompletionStage()
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
      serve(
          Backend.Cleartext.H2C,
          new Backend.Endpoint(
              "backend.localhost", server.actualPort(), Backend.Endpoint.State.READY));
      try (RawHttp2 client = http2();
          RawClient older = proxy.client()) {
        int get = client.get("a.test", "/");
        assertThat(client.result(get).body()).isEqualTo("ok");
        assertThat(client.blocks(get))
            .extracting(fields -> fields.get(":status"))
            .containsExactly("103", "200");
        assertThat(older.get("a.test", "/").status()).isEqualTo(103);
        assertThat(older.read().body()).isEqualTo("ok");
      }
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  /** We have answered the expectation: the backend's own 100 would be a second one. */
  @Test
  void expectationIsAnsweredOnce() {
    try (TestBackend backend =
        new TestBackend(
            connection -> {
              connection.readRequest();
              connection.send("HTTP/1.1 100 Continue\r\n\r\n");
              connection.answer("ok");
            })) {
      serve(Backend.Cleartext.HTTP1, backend.endpoint());
      try (RawClient client = proxy.client()) {
        client.send(
            "POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        assertThat(client.read().status()).isEqualTo(100);
        client.send("hi");
        assertThat(client.read().status()).isEqualTo(200);
      }
    }
  }
}
