package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Config after config, each with other endpoints and every third with another certificate, while
 * all that lives long is open: connections kept alive, a WebSocket, an upload, a call that streams
 * both ways. Nobody notices. {@code -Dlockstep.swaps=10000} says how many; 300 without.
 */
class ChangesUnderLoadTest {
  private static final int SWAPS = Integer.getInteger("lockstep.swaps", 300);

  /** What a client keeps of a connection grows with what was said; so it does not always talk. */
  private static final int CALL_EVERY = 10;

  private static final String UPGRADE =
      "GET /socket HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\n"
          + "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
          + "Sec-WebSocket-Version: 13\r\n\r\n";

  private final Vertx vertx = Vertx.vertx();
  private final RunningProxy proxy = new RunningProxy();
  private final TestBackend one = new TestBackend(connection -> serve(connection, "one"));
  private final TestBackend two = new TestBackend(connection -> serve(connection, "two"));
  private final AtomicBoolean going = new AtomicBoolean(true);
  private final List<RouterConfig> configs = new ArrayList<>();

  @BeforeEach
  void makeConfigs() throws Exception {
    List<Backend.Endpoint> streams = List.of(streamingBackend(), streamingBackend());
    List<Certificate> certificates = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      certificates.add(TestCertificate.of("a", "a.test"));
    }
    List<List<Backend.Endpoint>> rolls =
        List.of(
            List.of(one.endpoint()),
            List.of(one.endpoint(), two.endpoint()),
            List.of(two.endpoint()));
    for (int i = 0; i < 12; i++) {
      configs.add(config(rolls.get(i % 3), streams.get(i % 2), certificates.get(i / 3)));
    }
  }

  private static RouterConfig config(
      List<Backend.Endpoint> endpoints, Backend.Endpoint stream, Certificate certificate) {
    Backend.Id calls = new Backend.Id("shop", "calls", "80");
    RouterConfig config =
        Configs.to("a.test", endpoints.toArray(Backend.Endpoint[]::new))
            .with(Configs.route("b.test", RoutePolicy.OPEN, Route.Action.Forward.to(calls)))
            .with(new Backend(calls, Backend.Cleartext.H2C, List.of(stream)));
    return Configs.tls(Configs.tls(config, "a.test", certificate), "b.test", certificate);
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    one.close();
    two.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  /** Answers requests, and echoes what comes through a WebSocket. */
  private static void serve(TestBackend.Connection connection, String name) throws IOException {
    for (String head = connection.readRequest(); !head.isEmpty(); head = connection.readRequest()) {
      if (head.startsWith("GET /socket")) {
        connection.send(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
        for (int b = connection.in().read(); b >= 0; b = connection.in().read()) {
          connection.socket().getOutputStream().write(b);
        }
        return;
      }
      connection.answer(head.startsWith("POST") ? head.substring(head.length() - SWAPS) : name);
    }
  }

  private Backend.Endpoint streamingBackend() throws Exception {
    HttpServer server =
        vertx
            .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
            .requestHandler(StreamingCall::echo)
            .listen()
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    return new Backend.Endpoint(
        "backend.localhost", server.actualPort(), Backend.Endpoint.State.READY);
  }

  @Test
  void nobodyNoticesThem() throws Exception {
    serveConfig(0);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        RawClient socket = proxy.client();
        RawClient upload = proxy.client();
        RawHttp2 call = new RawHttp2(TestTls.connect(proxy.https(), "b.test", "h2"))) {
      List<Future<Integer>> counts = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        counts.add(threads.submit(() -> requestsOnOneConnection(proxy::client)));
        counts.add(threads.submit(() -> requestsOnOneConnection(this::encrypted)));
      }
      counts.add(threads.submit(() -> requestsOnConnectionsOfTheirOwn(proxy::client)));
      counts.add(threads.submit(() -> requestsOnConnectionsOfTheirOwn(this::encrypted)));

      assertThat(socket.send(UPGRADE).readHead().status()).isEqualTo(101);
      upload.send("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: " + SWAPS + "\r\n\r\n");
      int stream = call.post("b.test", "te", "trailers");
      StringBuilder sent = new StringBuilder();
      for (int i = 0; i < SWAPS; i++) {
        serveConfig(i);
        String letter = String.valueOf((char) ('a' + i % 26));
        sent.append(letter);
        upload.send(letter);
        assertThat(socket.send(letter).readN(1)).containsExactly(letter.charAt(0));
        if (i % CALL_EVERY == 0) {
          call.data(stream, "message " + i, 0);
          call.awaitBody(stream, "echo message " + i);
        }
      }
      assertThat(upload.read().body()).isEqualTo(sent.toString());
      call.data(stream, "", RawHttp2.END_STREAM);
      assertThat(call.result(stream).trailers()).containsEntry("grpc-status", "0");
      going.set(false);
      Set<Integer> requests = new HashSet<>();
      for (Future<Integer> count : counts) {
        requests.add(count.get(20, TimeUnit.SECONDS));
      }
      assertThat(requests).allMatch(count -> count > 0);
    }
  }

  private void serveConfig(int number) {
    proxy.serve(configs.get(number % configs.size()));
  }

  private RawClient encrypted() {
    return new RawClient(TestTls.connect(proxy.https(), "a.test", "http/1.1"));
  }

  private int requestsOnOneConnection(Supplier<RawClient> connect) {
    int count = 0;
    try (RawClient client = connect.get()) {
      while (going.get() || count == 0) {
        assertAnswered(client);
        count++;
      }
    }
    return count;
  }

  private int requestsOnConnectionsOfTheirOwn(Supplier<RawClient> connect) {
    int count = 0;
    while (going.get() || count == 0) {
      try (RawClient client = connect.get()) {
        assertAnswered(client);
        count++;
      }
    }
    return count;
  }

  private static void assertAnswered(RawClient client) {
    RawClient.Response response = client.get("a.test", "/");
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.body()).isIn("one", "two");
  }
}
