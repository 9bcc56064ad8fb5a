package dev.lockstep.agent.proxy.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawHttp2;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.agent.proxy.TestTls;
import dev.lockstep.agent.proxy.client.WebSocketKey;
import dev.lockstep.core.config.RouterConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** WebSocket on a stream of HTTP/2 (RFC 8441), to backends that get the handshake of HTTP/1.1. */
class WebSocketOverHttp2Test {
  private static final int ENABLE_CONNECT_PROTOCOL = 8;
  private static final int NO_ERROR = 0;
  private static final int PROTOCOL_ERROR = 1;
  private static final int CANCEL = 8;

  private final RunningProxy proxy = new RunningProxy();
  private final List<TestBackend> backends = new ArrayList<>();

  @AfterEach
  void stop() {
    proxy.close();
    backends.forEach(TestBackend::close);
  }

  private RawHttp2 connect(TestBackend.Script script) {
    return connect(script, 65_535);
  }

  private RawHttp2 connect(TestBackend.Script script, int window) {
    TestBackend backend = new TestBackend(script);
    backends.add(backend);
    proxy.serve(
        Configs.tls(
            Configs.to("a.test", backend.endpoint()), "a.test", TestCertificate.of("a", "a.test")));
    return new RawHttp2(TestTls.connect(proxy.https(), "a.test", "h2"), window);
  }

  private static String[] handshake(String... changes) {
    List<String> fields =
        new ArrayList<>(
            List.of(
                ":method",
                "CONNECT",
                ":protocol",
                "websocket",
                ":scheme",
                "https",
                ":path",
                "/chat?room=1",
                ":authority",
                "a.test",
                "sec-websocket-version",
                "13",
                "sec-websocket-protocol",
                "chat",
                "origin",
                "https://a.test"));
    for (int i = 0; i < changes.length; i += 2) {
      int at = fields.indexOf(changes[i]);
      if (at >= 0) {
        fields.set(at + 1, changes[i + 1]);
      } else {
        fields.addAll(List.of(changes[i], changes[i + 1]));
      }
    }
    return fields.toArray(String[]::new);
  }

  /** Answers the handshake as a server that consents does. */
  private static void consent(TestBackend.Connection connection) throws IOException {
    connection.send(consentTo(connection.readRequest()));
  }

  private static String consentTo(String request) {
    int at = request.indexOf("sec-websocket-key: ") + "sec-websocket-key: ".length();
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Accept: "
        + new WebSocketKey(request.substring(at, at + 24)).accept()
        + "\r\n\r\n";
  }

  private static void echo(TestBackend.Connection connection) throws IOException {
    consent(connection);
    byte[] buffer = new byte[4096];
    for (int n = connection.in().read(buffer); n >= 0; n = connection.in().read(buffer)) {
      connection.socket().getOutputStream().write(buffer, 0, n);
    }
  }

  private static Map<String, String> head(RawHttp2 client, int stream) {
    while (client.blocks(stream).isEmpty()) {
      client.read();
    }
    return client.blocks(stream).getFirst();
  }

  @Test
  void settingsSayThatItIsKnown() {
    try (RawHttp2 client = connect(WebSocketOverHttp2Test::echo)) {
      byte[] settings = client.await(RawHttp2.SETTINGS).payload();
      boolean found = false;
      for (int i = 0; i < settings.length; i += 6) {
        found |= settings[i + 1] == ENABLE_CONNECT_PROTOCOL && settings[i + 5] == 1;
      }
      assertThat(found).isTrue();
    }
  }

  @Test
  void bytesPassBothWaysAndEndsFollowEachOther() {
    try (RawHttp2 client = connect(WebSocketOverHttp2Test::echo)) {
      int stream = client.open(0, handshake());
      assertThat(head(client, stream))
          .isEqualTo(
              Map.of(":status", "200", "sec-websocket-protocol", "chat", "lockstep-version", "1"));
      for (int i = 0; i < 20; i++) {
        client.data(stream, "message " + i, 0);
        client.awaitBody(stream, "message " + i);
      }
      client.data(stream, " last", RawHttp2.END_STREAM);
      RawHttp2.Result result = client.result(stream);
      assertThat(result.body()).endsWith("message 19 last");
      assertThat(result.reset()).isEqualTo(-1);
      String request = backends.getFirst().requests().getFirst();
      assertThat(request)
          .startsWith("GET /chat?room=1 HTTP/1.1\r\nhost: a.test\r\n")
          .contains("x-forwarded-proto: https\r\n", "origin: https://a.test\r\n")
          .contains("sec-websocket-protocol: chat\r\n", "sec-websocket-version: 13\r\n")
          .endsWith("connection: upgrade\r\nupgrade: websocket\r\n\r\n");
      await().until(() -> backends.getFirst().openConnections() == 0);
    }
  }

  /** What comes before the backend has consented waits for it. */
  @Test
  void earlyBytesAreNotLost() {
    CountDownLatch sent = new CountDownLatch(1);
    try (RawHttp2 client =
        connect(
            connection -> {
              awaitQuietly(sent);
              echo(connection);
            })) {
      int stream = client.open(0, handshake());
      client.data(stream, "early", 0);
      client.data(stream, " bird", RawHttp2.END_STREAM);
      sent.countDown();
      assertThat(client.result(stream).body()).isEqualTo("early bird");
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void otherStreamsOfTheConnectionGoOn() {
    try (RawHttp2 client =
        connect(
            connection -> {
              String request = connection.readRequest();
              while (request.startsWith("GET / ")) {
                connection.answer("ok");
                request = connection.readRequest();
              }
              if (!request.isEmpty()) {
                connection.send(consentTo(request));
                connection.in().read();
              }
            })) {
      int socket = client.open(0, handshake());
      assertThat(head(client, socket)).containsEntry(":status", "200");
      for (int i = 0; i < 10; i++) {
        assertThat(client.result(client.get("a.test", "/")).body()).isEqualTo("ok");
      }
      client.send(RawHttp2.RST_STREAM, 0, socket, new byte[] {0, 0, 0, CANCEL});
      await().until(() -> backends.getFirst().openConnections() == 0);
      assertThat(client.result(client.get("a.test", "/")).body()).isEqualTo("ok");
    }
  }

  @Test
  void backendThatEndsEndsTheStream() {
    try (RawHttp2 client =
        connect(
            connection -> {
              consent(connection);
              connection.send("bye");
            })) {
      int stream = client.open(0, handshake());
      RawHttp2.Result result = client.result(stream);
      assertThat(result.body()).isEqualTo("bye");
      assertThat(result.reset()).isEqualTo(-1);
      client.data(stream, "too late", RawHttp2.END_STREAM);
      assertThat(client.result(client.open(0, handshake())).body()).isEqualTo("bye");
    }
  }

  @Test
  void clientThatTakesNothingHoldsTheBackendUp() {
    AtomicLong written = new AtomicLong();
    try (RawHttp2 client =
        connect(
            connection -> {
              consent(connection);
              byte[] much = new byte[64 << 10];
              for (int i = 0; i < 512; i++) {
                connection.socket().getOutputStream().write(much);
                written.addAndGet(much.length);
              }
            },
            1000)) {
      int stream = client.open(0, handshake());
      assertThat(head(client, stream)).containsEntry(":status", "200");
      await()
          .during(Duration.ofMillis(300))
          .atMost(Duration.ofSeconds(20))
          .until(written::get, now -> now == written.get());
      assertThat(written.get()).isLessThan(24 << 20);
      client.widen(0, 128 << 20);
      client.widen(stream, 128 << 20);
      assertThat(client.result(stream).body()).hasSize(32 << 20);
    }
  }

  @Test
  void backendThatTakesNothingHoldsTheClientUp() {
    CountDownLatch go = new CountDownLatch(1);
    try (RawHttp2 client =
        connect(
            connection -> {
              consent(connection);
              awaitQuietly(go);
              connection.send("got " + connection.in().readAllBytes().length);
            })) {
      int stream = client.open(0, handshake());
      assertThat(head(client, stream)).containsEntry(":status", "200");
      byte[] piece = new byte[16_000];
      int sent = 0;
      long window = 65_535;
      while (window >= piece.length) {
        client.send(RawHttp2.DATA, 0, stream, piece);
        sent += piece.length;
        window -= piece.length;
        client.readWhatIsThere();
        window += client.takeWindow(stream);
      }
      assertThat(sent).isLessThan(32 << 20);
      go.countDown();
      client.send(RawHttp2.DATA, RawHttp2.END_STREAM, stream, Arrays.copyOf(piece, 1));
      assertThat(client.result(stream).body()).isEqualTo("got " + (sent + 1));
    }
  }

  @Test
  void handshakeThatIsNotCorrectIsRefused() {
    record Case(String name, int flags, String[] fields, int status, int reset) {}
    List<Case> cases =
        List.of(
            new Case("no version", 0, handshake("sec-websocket-version", "8"), 400, NO_ERROR),
            new Case("a key", 0, handshake("sec-websocket-key", "x"), 400, NO_ERROR),
            new Case("length", 0, handshake("content-length", "5"), 400, NO_ERROR),
            new Case("another protocol", 0, handshake(":protocol", "connect-udp"), 501, NO_ERROR),
            new Case("in capitals", 0, handshake(":protocol", "WebSocket"), 501, NO_ERROR),
            new Case("unknown host", 0, handshake(":authority", "b.test"), 421, NO_ERROR),
            new Case("bad path", 0, handshake(":path", "/%2f"), 400, NO_ERROR),
            new Case("GET", 0, handshake(":method", "GET"), 0, PROTOCOL_ERROR),
            new Case("ended", RawHttp2.END_STREAM, handshake(), 0, PROTOCOL_ERROR),
            new Case("upgrade", 0, handshake("upgrade", "websocket"), 0, PROTOCOL_ERROR),
            new Case("no path", 0, handshake(":path", ""), 0, PROTOCOL_ERROR),
            new Case("line end", 0, handshake("origin", "a\r\nb: c"), 0, PROTOCOL_ERROR),
            new Case("ftp", 0, handshake(":scheme", "ftp"), 0, PROTOCOL_ERROR));
    try (RawHttp2 client = connect(WebSocketOverHttp2Test::echo)) {
      for (Case row : cases) {
        int stream = client.open(row.flags, row.fields);
        RawHttp2.Result result = client.outcome(stream);
        assertThat(result.status()).as(row.name).isEqualTo(row.status);
        assertThat(result.reset()).as(row.name).isEqualTo(row.reset);
        assertThat(result.body().isEmpty()).as(row.name).isEqualTo(row.status == 0);
      }
      assertThat(backends.getFirst().requests()).isEmpty();
    }
  }

  /** A client takes every 2xx for a consent, so only a real one becomes that. */
  @Test
  void backendThatDoesNotConsentIsNeverTakenForOneThatDoes() {
    record Case(String name, String answer, int status) {}
    String upgraded =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    List<Case> cases =
        List.of(
            new Case("200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 502),
            new Case("204", "HTTP/1.1 204 No Content\r\n\r\n", 502),
            new Case("101 without accept", upgraded + "\r\n", 502),
            new Case("101 with another", upgraded + "Sec-WebSocket-Accept: " + "x\r\n\r\n", 502),
            new Case("403", "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", 403),
            new Case("nothing", "", 502));
    for (Case row : cases) {
      try (RawHttp2 client =
          connect(
              connection -> {
                connection.readRequest();
                connection.send(row.answer);
              })) {
        RawHttp2.Result result = client.outcome(client.open(0, handshake()));
        assertThat(result.status()).as(row.name).isEqualTo(row.status);
        assertThat(result.reset()).as(row.name).isEqualTo(NO_ERROR);
      }
    }
  }

  @Test
  void fieldsInTheTunnelEndIt() {
    try (RawHttp2 client = connect(WebSocketOverHttp2Test::echo)) {
      int stream = client.open(0, handshake());
      assertThat(head(client, stream)).containsEntry(":status", "200");
      client.send(
          RawHttp2.HEADERS,
          RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
          stream,
          RawHttp2.block("a", "b"));
      assertThat(client.result(stream).reset()).isEqualTo(PROTOCOL_ERROR);
      await().until(() -> backends.getFirst().openConnections() == 0);
    }
  }

  @Test
  void silenceEndsTheTunnel() {
    TestBackend backend = new TestBackend(WebSocketOverHttp2Test::echo);
    backends.add(backend);
    proxy.serve(
        Configs.tls(
            Configs.with(
                RouterConfig.EMPTY,
                "a.test",
                Configs.timeouts(Duration.ofSeconds(5), Duration.ofMillis(300)),
                backend.endpoint()),
            "a.test",
            TestCertificate.of("a", "a.test")));
    try (RawHttp2 client = new RawHttp2(TestTls.connect(proxy.https(), "a.test", "h2"))) {
      int stream = client.open(0, handshake());
      assertThat(head(client, stream)).containsEntry(":status", "200");
      client.data(stream, "hi", 0);
      assertThat(client.result(stream).reset()).isEqualTo(CANCEL);
      await().until(() -> backend.openConnections() == 0);
    }
  }

  @Test
  void bytesAreNotTouched() {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    try (RawHttp2 client =
        connect(
            connection -> {
              consent(connection);
              byte[] got = connection.in().readNBytes(all.length);
              connection.send(Arrays.equals(got, all) ? "same" : "changed");
            })) {
      int stream = client.open(0, handshake());
      client.send(RawHttp2.DATA, 0, stream, all);
      assertThat(client.result(stream).body()).isEqualTo("same");
    }
  }
}
