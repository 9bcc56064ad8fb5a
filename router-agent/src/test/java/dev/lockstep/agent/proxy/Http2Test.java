package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.RouterConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** HTTP/2 with clients: what a stream's request becomes, and what comes back (RFC 9113). */
class Http2Test {
  private static final int NO_ERROR = 0;
  private static final int PROTOCOL_ERROR = 1;

  private final RunningProxy proxy = new RunningProxy();

  @AfterEach
  void stop() {
    proxy.close();
  }

  /** Serves a.test from this backend. */
  private RawHttp2 connect(TestBackend backend) {
    RouterConfig config = Configs.to("a.test", backend.endpoint());
    proxy.serve(Configs.tls(config, "a.test", TestCertificate.of("a", "a.test")));
    return new RawHttp2(TestTls.connect(proxy.https(), "a.test", "h2"));
  }

  @Test
  void whoOffersItGetsHttp2AndOthersHttp1() throws Exception {
    try (TestBackend backend = TestBackend.saying("hello");
        RawHttp2 client = connect(backend)) {
      RawHttp2.Result result = client.result(client.get("a.test", "/"));
      assertThat(result.status()).isEqualTo(200);
      assertThat(result.body()).isEqualTo("hello");
      for (String offered : List.of("http/1.1", "spdy/3")) {
        try (RawClient other = new RawClient(TestTls.connect(proxy.https(), "a.test", offered))) {
          assertThat(other.get("a.test", "/").body()).as(offered).isEqualTo("hello");
        }
      }
    }
  }

  @Test
  void plainPortsSpeakItOnlyWhereThatIsSwitchedOn() throws Exception {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy both = new RunningProxy(ProxySettings.Http2.CLEARTEXT)) {
      RouterConfig config = Configs.to("a.test", backend.endpoint());
      both.serve(config);
      proxy.serve(config);
      try (RawHttp2 client = new RawHttp2(RawClient.open(both.http()));
          RawClient older = both.client();
          RawClient byBytes = both.client();
          RawClient refused = proxy.client()) {
        assertThat(client.result(client.get("a.test", "/")).body()).isEqualTo("hello");
        assertThat(backend.requests().getLast()).contains("x-forwarded-proto: http\r\n");
        assertThat(older.get("a.test", "/").body()).isEqualTo("hello");
        for (char c : "PROPFIND / HTTP/1.1\r\nHost: a.test\r\n\r\n".toCharArray()) {
          byBytes.send(String.valueOf(c));
        }
        assertThat(byBytes.read().body()).isEqualTo("hello");
        refused.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        assertThat(refused.read().status()).isEqualTo(505);
      }
    }
  }

  @Test
  void nobodyGetsItWhereItIsSwitchedOff() throws Exception {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy off = new RunningProxy(ProxySettings.Http2.OFF)) {
      RouterConfig config = Configs.to("a.test", backend.endpoint());
      off.serve(Configs.tls(config, "a.test", TestCertificate.of("a", "a.test")));
      try (SSLSocket socket = TestTls.connect(off.https(), "a.test", "h2", "http/1.1")) {
        assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
        assertThat(new RawClient(socket).get("a.test", "/").body()).isEqualTo("hello");
      }
    }
  }

  @Test
  void backendGetsAnHttp1Request() throws Exception {
    try (TestBackend backend = TestBackend.saying("hello");
        RawHttp2 client = connect(backend)) {
      int stream =
          client.open(
              RawHttp2.END_STREAM,
              ":method",
              "GET",
              ":scheme",
              "https",
              ":path",
              "/a/%7e/../b?q=1",
              ":authority",
              "A.test:443",
              "cookie",
              "a=1",
              "x-forwarded-for",
              "6.6.6.6",
              "te",
              "trailers",
              "cookie",
              "b=2");
      RawHttp2.Result result = client.result(stream);
      assertThat(result.status()).isEqualTo(200);
      assertThat(result.head())
          .containsEntry("lockstep-version", "1")
          .doesNotContainKey("connection");
      assertThat(backend.requests().getFirst())
          .startsWith("GET /a/b?q=1 HTTP/1.1\r\nhost: a.test:443\r\n")
          .contains("x-forwarded-for: 127.0.0.1\r\n", "x-forwarded-proto: https\r\n")
          .contains("cookie: a=1; b=2\r\n")
          .doesNotContain("6.6.6.6", "te: ");
    }
  }

  @Test
  void bodiesOfKnownAndUnknownLengthPass() throws Exception {
    try (TestBackend backend = TestBackend.saying("done");
        RawHttp2 client = connect(backend)) {
      int unknown = client.post("a.test");
      client.data(unknown, "first ", 0);
      client.data(unknown, "second", RawHttp2.END_STREAM);
      assertThat(client.result(unknown).body()).isEqualTo("done");
      assertThat(backend.requests().getLast())
          .contains("transfer-encoding: chunked\r\n")
          .contains("first ", "second", "0\r\n\r\n");

      int known = client.post("a.test", "content-length", "5");
      client.data(known, "12345", RawHttp2.END_STREAM);
      assertThat(client.result(known).body()).isEqualTo("done");
      assertThat(backend.requests().getLast()).contains("content-length: 5\r\n").endsWith("12345");
    }
  }

  @Test
  void trailersPassBothWays() throws Exception {
    TestBackend.Script script =
        connection -> {
          while (!connection.readRequest().isEmpty()) {
            connection.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Grpc-Status\r\n\r\n"
                    + "2\r\nok\r\n0\r\nGrpc-Status: 0\r\nHost: evil\r\n\r\n");
          }
        };
    try (TestBackend backend = new TestBackend(script);
        RawHttp2 client = connect(backend)) {
      int stream = client.post("a.test");
      client.data(stream, "body", 0);
      int flags = RawHttp2.END_HEADERS | RawHttp2.END_STREAM;
      client.send(RawHttp2.HEADERS, flags, stream, RawHttp2.block("x-sum", "42"));
      RawHttp2.Result result = client.result(stream);
      assertThat(result.body()).isEqualTo("ok");
      assertThat(result.trailers()).containsExactly(java.util.Map.entry("grpc-status", "0"));
      assertThat(backend.requests().getFirst()).endsWith("0\r\nx-sum: 42\r\n\r\n");
    }
  }

  @Test
  void answersWithoutBodyEndWithTheirHead() throws Exception {
    TestBackend.Script script =
        connection -> {
          String request = connection.readRequest();
          while (!request.isEmpty()) {
            connection.send(
                request.startsWith("HEAD")
                    ? "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"
                    : "HTTP/1.1 204 No Content\r\n\r\n");
            request = connection.readRequest();
          }
        };
    try (TestBackend backend = new TestBackend(script);
        RawHttp2 client = connect(backend)) {
      RawHttp2.Result none = client.result(client.get("a.test", "/"));
      assertThat(none.status()).isEqualTo(204);
      int stream =
          client.open(
              RawHttp2.END_STREAM,
              ":method",
              "HEAD",
              ":scheme",
              "https",
              ":path",
              "/",
              ":authority",
              "a.test");
      RawHttp2.Result head = client.result(stream);
      assertThat(head.head()).containsEntry("content-length", "7");
      assertThat(head.body()).isEmpty();
    }
  }

  @Test
  void whoWaitsForContinueGetsIt() throws Exception {
    try (TestBackend backend = TestBackend.saying("done");
        RawHttp2 client = connect(backend)) {
      int stream = client.post("a.test", "expect", "100-continue");
      assertThat(client.await(RawHttp2.HEADERS).fields()).containsEntry(":status", "100");
      client.data(stream, "body", RawHttp2.END_STREAM);
      assertThat(client.result(stream).body()).isEqualTo("done");
      assertThat(backend.requests().getFirst()).doesNotContain("expect");
    }
  }

  @Test
  void ourOwnAnswersKeepTheConnection() throws Exception {
    try (TestBackend backend = TestBackend.saying("hello");
        RawHttp2 client = connect(backend)) {
      assertThat(client.result(client.get("b.test", "/")).status()).isEqualTo(421);
      assertThat(client.result(client.get("a.test", "/%00")).status()).isEqualTo(400);
      assertThat(client.result(client.get("a.test", "/" + "x".repeat(9000))).status())
          .isEqualTo(414);
      RawHttp2.Result good = client.result(client.get("a.test", "/"));
      assertThat(good.body()).isEqualTo("hello");
    }
  }

  /** What must not be in a request is an error of its stream, and no backend sees any of it. */
  @TestFactory
  Stream<DynamicTest> malformedRequestsAreReset() {
    String[] line = {":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.test"};
    return Stream.of(
            with(line, "X-Upper", "1"),
            with(line, "connection", "close"),
            with(line, "keep-alive", "1"),
            with(line, "proxy-connection", "close"),
            with(line, "transfer-encoding", "chunked"),
            with(line, "upgrade", "websocket"),
            with(line, "te", "gzip"),
            with(line, "host", "b.test"),
            with(line, "x", "a\r\nhost: b.test"),
            with(line, "x", "a\nb"),
            with(line, "x", "a\0b"),
            with(line, "x", " padded"),
            with(line, "x", "padded\t"),
            with(line, "x y", "1"),
            with(line, "x\r\nhost", "1"),
            with(line, "", "1"),
            with(line, ":path", "/again"),
            with(line, ":unknown", "1"),
            with(line, "content-length", "5"),
            new String[] {":method", "GET", ":scheme", "https", ":authority", "a.test"},
            new String[] {":method", "GET", ":path", "/", ":authority", "a.test"},
            new String[] {":scheme", "https", ":path", "/", ":authority", "a.test"},
            replaced(line, "/", ""),
            replaced(line, "/", "x"),
            replaced(line, "/", "http://b.test/"),
            replaced(line, "/", "/ HTTP/1.1\r\nhost: b.test\r\n\r\n"),
            replaced(line, "/", "/a b"),
            replaced(line, "GET", "GET /x"),
            replaced(line, "https", "ftp"),
            replaced(line, "a.test", "a.test\r\nx: y"),
            replaced(line, "a.test", "a b"))
        .map(fields -> DynamicTest.dynamicTest(name(fields), () -> refuse(fields)));
  }

  private static String[] with(String[] line, String name, String value) {
    List<String> fields = new ArrayList<>(List.of(line));
    fields.add(name);
    fields.add(value);
    return fields.toArray(String[]::new);
  }

  private static String[] replaced(String[] line, String from, String to) {
    return Stream.of(line).map(text -> text.equals(from) ? to : text).toArray(String[]::new);
  }

  private static String name(String[] fields) {
    return String.join(" ", fields).replaceAll("[^!-~]", "_").toLowerCase(Locale.ROOT);
  }

  private void refuse(String[] fields) {
    try (TestBackend backend = TestBackend.saying("hello");
        RawHttp2 client = connect(backend)) {
      RawHttp2.Result result = client.result(client.open(RawHttp2.END_STREAM, fields));
      assertThat(result.reset()).isEqualTo(PROTOCOL_ERROR);
      assertThat(client.result(client.get("a.test", "/")).body()).isEqualTo("hello");
      assertThat(backend.requests()).hasSize(1);
    }
  }

  @Test
  void bodyThatIsNotAsLongAsItSaysIsReset() {
    try (TestBackend backend = TestBackend.saying("hello");
        RawHttp2 client = connect(backend)) {
      for (String body : List.of("123456", "1234")) {
        int stream = client.post("a.test", "content-length", "5");
        client.data(stream, body, RawHttp2.END_STREAM);
        assertThat(client.result(stream).reset()).isEqualTo(PROTOCOL_ERROR);
      }
      assertThat(backend.requests()).isEmpty();
    }
  }

  /** A client that is told early need not send the rest. */
  @Test
  void earlyAnswerStopsTheUpload() {
    TestBackend.Script script =
        connection -> {
          connection.in().read();
          connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
          connection.in().readAllBytes();
        };
    try (TestBackend backend = new TestBackend(script);
        RawHttp2 client = connect(backend)) {
      int stream = client.post("a.test");
      client.data(stream, "begin", 0);
      RawHttp2.Frame reset = client.await(RawHttp2.RST_STREAM);
      assertThat(reset.error()).isEqualTo(NO_ERROR);
      assertThat(client.result(stream).status()).isEqualTo(413);
    }
  }

  /** The reset does not overtake what waits for the client's window. */
  @Test
  void earlyAnswerIsWhole() {
    TestBackend.Script script =
        connection -> {
          connection.in().read();
          connection.answer("x".repeat(200_000));
          connection.in().readAllBytes();
        };
    try (TestBackend backend = new TestBackend(script);
        RawHttp2 client = connect(backend)) {
      int stream = client.post("a.test");
      client.data(stream, "begin", 0);
      client.awaitBody(stream, "x");
      client.widen(0, 1 << 20);
      client.widen(stream, 1 << 20);
      RawHttp2.Result result = client.outcome(stream);
      assertThat(result.body()).hasSize(200_000);
      assertThat(result.reset()).isEqualTo(NO_ERROR);
    }
  }

  @Test
  void manyStreamsOfOneConnectionAreServedAtOnce() {
    try (TestBackend backend = TestBackend.saying("hello");
        RawHttp2 client = connect(backend)) {
      List<Integer> streams = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        streams.add(client.get("a.test", "/" + i));
      }
      for (int stream : streams) {
        assertThat(client.result(stream).body()).isEqualTo("hello");
      }
      assertThat(backend.requests()).hasSize(100);
    }
  }
}
