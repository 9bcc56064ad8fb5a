package dev.lockstep.agent.proxy.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RawHttp2;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.StreamingCall;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.agent.proxy.TestTls;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Backends that speak HTTP/2 in the clear: what gRPC needs, and what else such a backend may do.
 */
class H2cBackendTest {
  private static final int CONNECTIONS_PER_LOOP = 1;
  private static final int LOOPS = 2;

  private final Vertx vertx = Vertx.vertx();
  private final RunningProxy proxy = new RunningProxy();
  private final Queue<HttpConnection> connections = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  /** Serves a.test from a backend that does this. */
  private void serve(Handler<HttpServerRequest> handler) throws Exception {
    HttpServer server =
        vertx
            .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
            .connectionHandler(connections::add)
            .requestHandler(handler)
            .listen()
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    Backend.Id id = new Backend.Id("shop", "a.test", "80");
    Backend.Endpoint endpoint =
        new Backend.Endpoint(
            "backend.localhost", server.actualPort(), Backend.Endpoint.State.READY);
    RouterConfig config =
        RouterConfig.EMPTY
            .with(Configs.route("a.test", RoutePolicy.OPEN, Route.Action.Forward.to(id)))
            .with(new Backend(id, Backend.Cleartext.H2C, List.of(endpoint)));
    proxy.serve(Configs.tls(config, "a.test", TestCertificate.of("a", "a.test")));
  }

  private RawHttp2 http2() {
    return new RawHttp2(TestTls.connect(proxy.https(), "a.test", "h2"));
  }

  @Test
  void olderClientsReachIt() throws Exception {
    Queue<MultiMap> seen = new ConcurrentLinkedQueue<>();
    serve(
        request -> {
          seen.add(request.headers());
          assertThat(request.version()).isEqualTo(HttpVersion.HTTP_2);
          if (request.method() == HttpMethod.HEAD) {
            request.response().putHeader("content-length", "7").end();
            return;
          }
          request
              .body()
              .onSuccess(
                  body ->
                      request.response().end(request.method() + " " + request.uri() + " " + body));
        });
    try (RawClient client = proxy.client()) {
      RawClient.Response got = client.get("a.test", "/a/../b?q=1");
      assertThat(got.body()).isEqualTo("GET /b?q=1 ");
      assertThat(got.field("lockstep-version")).hasValue("1");
      assertThat(seen.peek().get("x-forwarded-for")).isEqualTo("127.0.0.1");
      assertThat(seen.peek().get("x-forwarded-host")).isEqualTo("a.test");
      assertThat(seen.peek().names()).doesNotContain("connection", "te");
      client.send("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nbody");
      assertThat(client.read().body()).isEqualTo("POST / body");
      client.send(
          "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "3\r\nabc\r\n0\r\n\r\n");
      assertThat(client.read().body()).isEqualTo("POST / abc");
      client.send("HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n");
      assertThat(client.readHead().field("content-length")).hasValue("7");
      assertThat(client.get("a.test", "/").body()).isEqualTo("GET / ");
    }
  }

  /** A unary call: messages in bodies, the outcome in the trailers. */
  @Test
  void trailersCarryTheOutcomeOfACall() throws Exception {
    serve(
        request -> {
          String te = request.getHeader("te");
          HttpServerResponse response = request.response();
          response.putHeader("content-type", "application/grpc");
          request
              .body()
              .onSuccess(
                  body -> {
                    response.putTrailer("grpc-status", "0");
                    response.putTrailer("grpc-message", te);
                    response.end(body);
                  });
        });
    try (RawHttp2 client = http2()) {
      int call = client.post("a.test", "te", "trailers", "content-type", "application/grpc");
      client.data(call, "message", RawHttp2.END_STREAM);
      RawHttp2.Result result = client.result(call);
      assertThat(result.head()).containsEntry("content-type", "application/grpc");
      assertThat(result.body()).isEqualTo("message");
      assertThat(result.trailers())
          .containsEntry("grpc-status", "0")
          .containsEntry("grpc-message", "trailers");
    }
  }

  /** A call that fails at once has nothing but fields. */
  @Test
  void answerOfFieldsAlonePassesAsOne() throws Exception {
    serve(request -> request.response().putHeader("grpc-status", "12").end());
    try (RawHttp2 client = http2()) {
      int call = client.post("a.test", "te", "trailers");
      client.data(call, "", RawHttp2.END_STREAM);
      RawHttp2.Result result = client.result(call);
      assertThat(result.head()).containsEntry("grpc-status", "12");
      assertThat(result.reset()).isEqualTo(-1);
    }
  }

  @Test
  void bothSidesOfAStreamTalkInTurns() throws Exception {
    serve(StreamingCall::echo);
    try (RawHttp2 client = http2()) {
      StreamingCall.talkInTurns(client);
    }
  }

  @Test
  void manyCallsShareAConnection() throws Exception {
    serve(request -> request.response().end("ok"));
    try (RawHttp2 client = http2()) {
      List<Integer> calls = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        calls.add(client.get("a.test", "/" + i));
        if (calls.size() == 50) {
          calls.forEach(call -> assertThat(client.result(call).body()).isEqualTo("ok"));
          calls.clear();
        }
      }
    }
    assertThat(connections).hasSizeLessThanOrEqualTo(CONNECTIONS_PER_LOOP * LOOPS);
  }

  /** A connection has room for a hundred; twice as many and more wait for the first one. */
  @Test
  void whoWaitsFirstForAConnectionIsServedFirst() throws Exception {
    Map<String, Integer> portOf = new ConcurrentHashMap<>();
    serve(
        request -> {
          portOf.put(request.path(), request.remoteAddress().port());
          request.response().end("ok");
        });
    List<RawHttp2> clients = List.of(http2(), http2(), http2());
    CountDownLatch release = new CountDownLatch(1);
    CompletionStage<Void> busy = proxy.server().onEveryLoop(_ -> awaitLatch(release));
    List<List<Integer>> calls = new ArrayList<>();
    for (int c = 0; c < clients.size(); c++) {
      calls.add(new ArrayList<>());
      for (int i = 0; i < 100; i++) {
        calls.getLast().add(clients.get(c).get("a.test", "/" + c + "/" + i));
      }
    }
    release.countDown();
    RunningProxy.await(busy);
    for (int c = 0; c < clients.size(); c++) {
      for (int call : calls.get(c)) {
        assertThat(clients.get(c).result(call).body()).isEqualTo("ok");
      }
    }
    List<Integer> opened = connections.stream().map(it -> it.remoteAddress().port()).toList();
    assertThat(opened).hasSizeGreaterThanOrEqualTo(3);
    for (int c = 0; c < clients.size(); c++) {
      List<Integer> places = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        places.add(opened.indexOf(portOf.get("/" + c + "/" + i)));
      }
      assertThat(places).isSorted();
    }
    clients.forEach(RawHttp2::close);
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void backendThatSaysGoodbyeLosesNoCall() throws Exception {
    serve(request -> request.response().end("ok"));
    try (RawHttp2 client = http2()) {
      for (int i = 0; i < 100; i++) {
        int call = client.get("a.test", "/" + i);
        if (i % 10 == 5) {
          connections.forEach(HttpConnection::shutdown);
        }
        assertThat(client.result(call).body()).as("call %d", i).isEqualTo("ok");
      }
    }
    assertThat(connections).hasSizeGreaterThan(5);
  }

  @Test
  void brokenAnswerIsNeverPassedOffAsWhole() throws Exception {
    serve(
        request -> {
          if (request.path().equals("/early")) {
            request.response().reset(2);
          } else {
            request.response().putHeader("content-length", "100").write("half");
            vertx.setTimer(50, _ -> request.response().reset(2));
          }
        });
    try (RawHttp2 client = http2();
        RawClient older = proxy.client()) {
      assertThat(client.result(client.get("a.test", "/early")).status()).isEqualTo(502);
      assertThat(client.result(client.get("a.test", "/late")).reset()).isEqualTo(2);
      assertThat(older.get("a.test", "/early").status()).isEqualTo(502);
      older.send("GET /late HTTP/1.1\r\nHost: a.test\r\n\r\n");
      assertThat(older.isClosedByServer()).isTrue();
    }
  }

  @Test
  void upgradesReachItAsHttp1() throws Exception {
    serve(
        request ->
            request
                .toWebSocket()
                .onSuccess(socket -> socket.textMessageHandler(socket::writeTextMessage)));
    try (RawClient client = proxy.client()) {
      client.send(
          "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(101);
    }
  }
}
