package dev.lockstep.agent.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RawHttp2;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.Seeing.Log.Query;
import dev.lockstep.agent.proxy.TestBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines about requests: what they hold, and that nobody waits for them. */
class AccessLogTest {
  private static final String UPGRADE =
      "GET /ws HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  private static final String SWITCHING =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

  @TempDir Path directory;
  private LogFixture log;

  @BeforeEach
  void place() {
    log = new LogFixture(directory.resolve("access.log"));
  }

  private static List<String> names(JsonNode line) {
    List<String> names = new ArrayList<>();
    line.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void lineTellsWhatBecameOfARequest() {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = log.proxy(Query.LEFT_OUT);
        RawClient client = proxy.serve(Configs.to("a.test", backend.endpoint())).client()) {
      client.send(
          "POST /a/%7e/../b?token=secret HTTP/1.1\r\nHost: A.test:80\r\nX-Request-Id: abc\r\n"
              + "Content-Length: 3\r\n\r\nxyz");
      assertThat(client.read().body()).isEqualTo("hello");
      JsonNode line = log.line();
      assertThat(names(line))
          .containsExactly(
              "time",
              "requestId",
              "client",
              "scheme",
              "protocol",
              "method",
              "host",
              "path",
              "bytesIn",
              "route",
              "backend",
              "version",
              "status",
              "bytesOut",
              "durationMs",
              "connectMs",
              "firstByteMs");
      assertThat(line.get("time").asText()).matches("\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}\\.\\d{3}Z");
      assertThat(line.get("requestId").asText()).isEqualTo("abc");
      assertThat(line.get("client").asText()).isEqualTo("127.0.0.1");
      assertThat(line.get("scheme").asText()).isEqualTo("http");
      assertThat(line.get("protocol").asText()).isEqualTo("HTTP/1.1");
      assertThat(line.get("method").asText()).isEqualTo("POST");
      assertThat(line.get("host").asText()).isEqualTo("a.test:80");
      assertThat(line.get("path").asText()).isEqualTo("/a/b");
      assertThat(line.get("bytesIn").asLong()).isEqualTo(3);
      assertThat(line.get("route").asText()).isEqualTo("ingress/shop/web");
      assertThat(line.get("backend").asText()).isEqualTo(backend.endpoint().toString());
      assertThat(line.get("version").asLong()).isEqualTo(1);
      assertThat(line.get("status").asInt()).isEqualTo(200);
      assertThat(line.get("bytesOut").asLong()).isEqualTo(5);
      double total = line.get("durationMs").asDouble();
      double answered = line.get("firstByteMs").asDouble();
      assertThat(line.get("connectMs").asDouble()).isPositive().isLessThanOrEqualTo(answered);
      assertThat(answered).isLessThanOrEqualTo(total);
      assertThat(log.texts().getFirst()).doesNotContain("secret");
    }
  }

  @Test
  void everyRequestOfAConnectionHasItsOwnLine() {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = log.proxy(Query.LEFT_OUT);
        RawClient client = proxy.serve(Configs.to("a.test", backend.endpoint())).client()) {
      client.send("GET /1 HTTP/1.1\r\nHost: a.test\r\n\r\nGET /2 HTTP/1.0\r\nHost: a.test\r\n\r\n");
      client.read();
      client.read();
      assertThat(log.lines(2))
          .extracting(line -> line.get("path").asText())
          .containsExactly("/1", "/2");
      assertThat(log.lines(2))
          .extracting(line -> line.get("protocol").asText())
          .containsExactly("HTTP/1.1", "HTTP/1.0");
    }
  }

  @Test
  void streamsOfHttp2HaveLinesToo() {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = log.proxy(Query.LEFT_OUT)) {
      proxy.serve(Configs.to("a.test", backend.endpoint()));
      try (RawHttp2 client = new RawHttp2(RawClient.open(proxy.http()))) {
        int stream = client.post("a.test");
        client.data(stream, "four", RawHttp2.END_STREAM);
        assertThat(client.result(stream).body()).isEqualTo("hello");
        JsonNode line = log.line();
        assertThat(line.get("protocol").asText()).isEqualTo("HTTP/2");
        assertThat(line.get("bytesIn").asLong()).isEqualTo(4);
        assertThat(line.get("bytesOut").asLong()).isEqualTo(5);
        assertThat(line.get("status").asInt()).isEqualTo(200);
        assertThat(line.get("requestId").asText()).hasSize(32);
      }
    }
  }

  @Test
  void tunnelHasItsLineAtItsEnd() {
    TestBackend.Script script =
        connection -> {
          connection.readRequest();
          connection.send(SWITCHING + "first");
          connection.in().readAllBytes();
        };
    try (TestBackend backend = new TestBackend(script);
        RunningProxy proxy = log.proxy(Query.LEFT_OUT);
        RawClient client = proxy.serve(Configs.to("a.test", backend.endpoint())).client()) {
      client.send(UPGRADE + "early");
      assertThat(client.read().status()).isEqualTo(101);
      client.readN(5);
      client.send("late");
      assertThat(proxy.server().accounts().log().orElseThrow().lines().written()).isZero();
      client.close();
      JsonNode line = log.line();
      assertThat(line.get("status").asInt()).isEqualTo(101);
      assertThat(line.get("path").asText()).isEqualTo("/ws");
      assertThat(line.get("bytesIn").asLong()).isEqualTo(9);
      assertThat(line.get("bytesOut").asLong()).isEqualTo(5);
      assertThat(line.has("failure")).isFalse();
    }
  }

  @Test
  void queryIsRepeatedOnlyWhereSomebodyChoseIt() {
    try (RunningProxy proxy = log.proxy(Query.KEPT);
        RawClient client = proxy.client()) {
      client.get("a.test", "/a?b=c&d=%22\"");
      assertThat(log.line().get("path").asText()).isEqualTo("/a");
      assertThat(log.line().get("query").asText()).isEqualTo("b=c&d=%22\"");
    }
  }

  /** What clients send ends within the string that it is in, and a line is one line. */
  @Test
  void hostileBytesStayWithinTheirString() {
    String path = "/\"},{\"status\":200,\"x\":\"" + "y".repeat(5_000);
    try (RunningProxy proxy = log.proxy(Query.KEPT);
        RawClient client = proxy.client()) {
      client.send(
          "A'B|C"
              + "M".repeat(100)
              + " "
              + path
              + " HTTP/1.1\r\nHost: a.test\r\n"
              + "X-Request-Id: evil\"}\u00ff\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(404);
      JsonNode line = log.line();
      assertThat(line.get("status").asInt()).isEqualTo(404);
      assertThat(line.get("method").asText()).startsWith("A'B|CMM").hasSize(35).endsWith("...");
      assertThat(line.get("path").asText()).startsWith("/\"},{\"status\":200").hasSize(2_051);
      assertThat(line.get("requestId").asText()).matches("[0-9a-f]{32}");
      assertThat(log.texts().getFirst()).matches("[ -~]+");
    }
  }

  @Test
  void fileThatWasMovedAwayIsMadeAnew() throws IOException {
    try (RunningProxy proxy = log.proxy(Query.LEFT_OUT);
        RawClient client = proxy.client()) {
      client.get("a.test", "/before");
      assertThat(log.line().get("path").asText()).isEqualTo("/before");
      Path moved = directory.resolve("access.log.1");
      Files.move(log.file(), moved);
      await().until(() -> Files.exists(log.file()));
      client.get("a.test", "/after");
      assertThat(log.line().get("path").asText()).isEqualTo("/after");
      assertThat(Files.readAllLines(moved)).hasSize(1);
    }
  }

  /** A directory in its place: nobody can write there. */
  @Test
  void linesAreDroppedAndCountedWhenNobodyCanWriteThem() throws IOException {
    try (RunningProxy proxy = log.proxy(Query.LEFT_OUT);
        RawClient client = proxy.client()) {
      AccessLog lines = proxy.server().accounts().log().orElseThrow();
      Files.move(log.file(), directory.resolve("access.log.1"));
      Files.createDirectory(log.file());
      // Thousands of requests: a busy machine needs its time for them.
      await().atMost(Duration.ofMinutes(1)).until(() -> dropsSome(client, lines));
      Files.delete(log.file());
      await().until(() -> Files.exists(log.file()));
      client.get("a.test", "/again");
      await().until(() -> log.texts().getLast().contains("/again"));
      assertThat(log.texts()).allMatch(text -> text.startsWith("{") && text.endsWith("}"));
    }
  }

  /** Sends some requests more. */
  private static boolean dropsSome(RawClient client, AccessLog lines) {
    for (int i = 0; i < 100; i++) {
      assertThat(client.get("a.test", "/").status()).isEqualTo(404);
    }
    return lines.lines().dropped() > 0;
  }

  @Test
  void whatWasServedIsWrittenBeforeTheEnd() {
    try (RunningProxy proxy = log.proxy(Query.LEFT_OUT);
        RawClient client = proxy.client()) {
      client.get("a.test", "/");
    }
    assertThat(log.texts()).hasSize(1);
  }

  @Test
  void standardOutputHoldsLinesAndNothingElse() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-XX:TieredStopAtLevel=1",
                StdoutServer.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<String> lines = process.inputReader().readAllLines();
    assertThat(process.waitFor()).isZero();
    assertThat(lines).hasSize(2);
    assertThat(lines).allMatch(line -> line.startsWith("{\"time\":") && line.endsWith("}"));
  }

  @Test
  void fileThatCannotBeOpenedEndsTheStart() {
    LogFixture nowhere = new LogFixture(directory.resolve("missing/access.log"));
    assertThatThrownBy(() -> nowhere.proxy(Query.LEFT_OUT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("access-log: " + nowhere.file() + " (cannot be opened: ");
    LogFixture folder = new LogFixture(directory);
    assertThatThrownBy(() -> folder.proxy(Query.LEFT_OUT))
        .hasMessage("access-log: " + directory + " (cannot be opened: is not a regular file)");
  }
}
