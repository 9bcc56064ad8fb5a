package dev.lockstep.agent.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RawHttp2;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.Seeing;
import dev.lockstep.agent.proxy.Seeing.RequestId;
import dev.lockstep.agent.proxy.Seeing.RequestId.Answers;
import dev.lockstep.agent.proxy.Seeing.RequestId.Source;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** X-Request-Id: who says it, who hears it; and the trace context, which is nobody's business. */
class RequestIdTest {
  private static final String FRESH = "[0-9a-f]{32}";
  private static final String TRACE =
      "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"
          + "tracestate: rojo=00f067aa0ba902b7,congo=t61rcWkgMzE\r\n"
          + "tracestate: third=1\r\n";

  private static RunningProxy proxy(Source source, Answers answers) {
    return new RunningProxy(
        RunningProxy.seeing(
            new Seeing(Optional.empty(), new RequestId(source, answers), 0, Optional.empty())));
  }

  private static String idAt(TestBackend backend) {
    List<String> lines =
        backend.requests().getLast().lines().filter(l -> l.startsWith("x-request-id: ")).toList();
    assertThat(lines).hasSize(1);
    assertThat(backend.requests().getLast().toLowerCase(Locale.ROOT))
        .containsOnlyOnce("request-id")
        .doesNotContain("request_id");
    return lines.getFirst().substring("x-request-id: ".length());
  }

  private static final String[] STREAM = {
    ":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a.test"
  };

  private static RawClient.Response get(RawClient client, String fields) {
    return client.send("GET / HTTP/1.1\r\nHost: a.test\r\n" + fields + "\r\n").read();
  }

  @Test
  void routerNamesEveryRequestAnew() {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = proxy(Source.ROUTER, Answers.WITHOUT);
        RawClient client = proxy.serve(Configs.to("a.test", backend.endpoint())).client()) {
      Set<String> ids = new HashSet<>();
      for (String sent :
          List.of("", "X-Request-Id: mine\r\n", "x_request_id: mine\r\nX-REQUEST_ID: mine\r\n")) {
        RawClient.Response response = get(client, sent);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.field("x-request-id")).isEmpty();
        assertThat(idAt(backend)).matches(FRESH);
        ids.add(idAt(backend));
      }
      assertThat(ids).hasSize(3);
    }
  }

  @Test
  void clientsOwnIdIsKeptIfItIsSound() {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = proxy(Source.CLIENT, Answers.WITH);
        RawClient client = proxy.serve(Configs.to("a.test", backend.endpoint())).client()) {
      for (String sound : List.of("a", "A-b.c_d~e+f/g=h:i@j", "x".repeat(128))) {
        RawClient.Response response = get(client, "X-Request-Id: " + sound + "\r\n");
        assertThat(idAt(backend)).isEqualTo(sound);
        assertThat(response.field("x-request-id")).hasValue(sound.toLowerCase(Locale.ROOT));
      }
      for (String odd :
          List.of("", "a b", "a,b", "\"a\"", "a\u00e9", "x".repeat(129), "a\r\nX-Request-Id: b")) {
        RawClient.Response response = get(client, "X-Request-Id: " + odd + "\r\n");
        assertThat(idAt(backend)).as(odd).matches(FRESH);
        assertThat(response.field("x-request-id")).hasValue(idAt(backend));
      }
    }
  }

  /** A backend cannot say another one, and answers that are our own carry it too. */
  @Test
  void answersCarryOneIdWhoeverGivesThem() {
    TestBackend.Script script =
        connection -> {
          while (!connection.readRequest().isEmpty()) {
            connection.send("HTTP/1.1 200 OK\r\nX-Request-Id: other\r\nContent-Length: 0\r\n\r\n");
          }
        };
    try (TestBackend backend = new TestBackend(script);
        RunningProxy proxy = proxy(Source.CLIENT, Answers.WITH);
        RawClient client = proxy.serve(Configs.to("a.test", backend.endpoint())).client();
        RawHttp2 streams = new RawHttp2(RawClient.open(proxy.http()))) {
      RawClient.Response response = get(client, "X-Request-Id: mine\r\n");
      assertThat(response.head()).containsOnlyOnce("x-request-id: mine\r\n");
      assertThat(response.head()).doesNotContain("other");
      RawHttp2.Result result = streams.result(streams.get("a.test", "/"));
      assertThat(result.head().get("x-request-id")).matches(FRESH).isEqualTo(idAt(backend));
      assertThat(streams.result(streams.get("b.test", "/")).head().get("x-request-id"))
          .matches(FRESH);
      RawClient.Response missing = client.get("b.test", "/");
      assertThat(missing.status()).isEqualTo(404);
      assertThat(missing.field("x-request-id").orElse("")).matches(FRESH);
      RawClient.Response malformed = get(client, "X-Request-Id: mine\r\nA : b\r\n");
      assertThat(malformed.status()).isEqualTo(400);
      assertThat(malformed.field("x-request-id").orElse("")).matches(FRESH);
    }
  }

  @Test
  void whereNobodyLooksAtItWhatIsSentPasses() {
    TestBackend.Script script =
        connection -> {
          while (!connection.readRequest().isEmpty()) {
            connection.send("HTTP/1.1 200 OK\r\nX-Request-Id: b\r\nContent-Length: 0\r\n\r\n");
          }
        };
    try (TestBackend backend = new TestBackend(script);
        RunningProxy proxy = proxy(Source.NOBODY, Answers.WITHOUT);
        RawClient client = proxy.serve(Configs.to("a.test", backend.endpoint())).client()) {
      RawClient.Response response = get(client, "X-Request-Id: a b\r\nx_request_id: c\r\n");
      assertThat(response.field("x-request-id")).hasValue("b");
      assertThat(backend.requests().getLast())
          .contains("X-Request-Id: a b\r\n", "x_request_id: c\r\n");
    }
  }

  /** W3C Trace Context 3.2.2.5, 3.3.1: who takes no part in a trace passes both on as they are. */
  @Test
  void traceContextPassesUntouched() {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = proxy(Source.ROUTER, Answers.WITH);
        RawClient client = proxy.serve(Configs.to("a.test", backend.endpoint())).client();
        RawHttp2 streams = new RawHttp2(RawClient.open(proxy.http()))) {
      get(client, TRACE);
      assertThat(backend.requests().getLast()).contains(TRACE);
      List<String> fields = new ArrayList<>(List.of(STREAM));
      TRACE.lines().forEach(field -> fields.addAll(List.of(field.split(": "))));
      int stream = streams.open(RawHttp2.END_STREAM, fields.toArray(String[]::new));
      assertThat(streams.result(stream).status()).isEqualTo(200);
      assertThat(backend.requests().getLast()).contains(TRACE);
    }
  }

  @Test
  void http2BackendsGetTheSame() throws Exception {
    Vertx vertx = Vertx.vertx();
    Queue<MultiMap> seen = new ConcurrentLinkedQueue<>();
    try (RunningProxy proxy = proxy(Source.ROUTER, Answers.WITH)) {
      HttpServer backend =
          RunningProxy.await(
              vertx
                  .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                  .requestHandler(
                      request -> {
                        seen.add(request.headers());
                        request.response().putHeader("x-request-id", "other").end();
                      })
                  .listen()
                  .toCompletionStage());
      Backend.Id id = new Backend.Id("shop", "a.test", "80");
      Backend.Endpoint endpoint =
          new Backend.Endpoint(
              "backend.localhost", backend.actualPort(), Backend.Endpoint.State.READY);
      proxy.serve(
          RouterConfig.EMPTY
              .with(Configs.route("a.test", RoutePolicy.OPEN, Route.Action.Forward.to(id)))
              .with(new Backend(id, Backend.Cleartext.H2C, List.of(endpoint))));
      try (RawClient client = proxy.client()) {
        RawClient.Response response = get(client, "X-Request-Id: mine\r\n" + TRACE);
        MultiMap fields = seen.remove();
        assertThat(fields.getAll("x-request-id")).hasSize(1);
        assertThat(response.field("x-request-id"))
            .hasValue(fields.get("x-request-id"))
            .hasValueSatisfying(it -> assertThat(it).matches(FRESH));
        assertThat(fields.get("traceparent")).startsWith("00-4bf92f3577b34da6a3ce929d0e0e4736-");
        assertThat(fields.getAll("tracestate"))
            .containsExactly("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "third=1");
      }
    } finally {
      RunningProxy.await(vertx.close().toCompletionStage());
    }
  }
}
