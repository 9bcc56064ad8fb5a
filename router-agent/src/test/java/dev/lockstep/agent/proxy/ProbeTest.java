package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** What two parsers could read differently is refused, and nothing of it reaches a backend. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProbeTest {
  private static final String HOST = "Host: a.test\r\n";
  private static final String OK = "GET / HTTP/1.1\r\n" + HOST;
  private static final String POST = "POST / HTTP/1.1\r\n" + HOST;
  private static final Pattern REPEAT = Pattern.compile("\\{([^{}]*)\\*(\\d+)}");

  private TestBackend backend;
  private RunningProxy proxy;

  @BeforeAll
  void start() {
    backend = TestBackend.saying("served");
    proxy = new RunningProxy().serve(Configs.to("a.test", backend.endpoint()));
  }

  @AfterAll
  void stop() {
    proxy.close();
    backend.close();
  }

  @TestFactory
  Stream<DynamicTest> ambiguousRequestsAreRefused() {
    return rows("refused.txt")
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.get(1), () -> refuse(Integer.parseInt(row.get(0)), row.get(2))));
  }

  private void refuse(int status, String request) {
    int before = backend.requests().size();
    try (RawClient client = proxy.client()) {
      client.send(request + OK + "\r\n");
      RawClient.Response response = client.read();
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.field("connection")).hasValue("close");
      assertThat(client.isClosedByServer()).isTrue();
      assertThat(backend.requests()).hasSize(before);
    }
  }

  @TestFactory
  Stream<DynamicTest> brokenBodiesNeverReachTheirEnd() {
    return Stream.of(
            "zz\r\nabc\r\n0\r\n\r\n",
            "-1\r\n\r\n0\r\n\r\n",
            "0x3\r\nabc\r\n0\r\n\r\n",
            "3 \r\nabc\r\n0\r\n\r\n",
            "3\nabc\n0\n\n",
            "3\r\nabcd\r\n0\r\n\r\n",
            "3\r\nabcX\n0\r\n\r\n",
            "fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
            "3;" + "x".repeat(300) + "\r\nabc\r\n0\r\n\r\n",
            "0\r\nbad trailer\r\n\r\n",
            "0\r\n folded: x\r\n\r\n")
        .map(body -> DynamicTest.dynamicTest(body.replaceAll("\\s", "_"), () -> breakBody(body)));
  }

  private void breakBody(String body) {
    int before = backend.requests().size();
    try (RawClient client = proxy.client()) {
      client.send(POST + "Transfer-Encoding: chunked\r\n\r\n" + body);
      assertThat(client.read().status()).isEqualTo(400);
      assertThat(client.isClosedByServer()).isTrue();
      assertThat(backend.requests()).hasSize(before);
    }
  }

  @TestFactory
  Stream<DynamicTest> whatIsServedReachesTheBackendInOneForm() {
    return rows("served.txt").map(row -> DynamicTest.dynamicTest(row.get(0), () -> serve(row)));
  }

  private void serve(List<String> row) {
    try (RawClient client = proxy.client()) {
      client.send(row.get(1));
      assertThat(client.read().body()).isEqualTo("served");
      String got = backend.requests().getLast().toLowerCase(Locale.ROOT);
      assertThat(got).contains(row.get(2).toLowerCase(Locale.ROOT));
      assertThat(got).doesNotContain(row.get(3).split(", "));
    }
  }

  private static Stream<List<String>> rows(String file) {
    try (InputStream in = Objects.requireNonNull(ProbeTest.class.getResourceAsStream(file))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> Stream.of(line.split(" \\| ")).map(ProbeTest::expand).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String expand(String cell) {
    String text =
        cell.replace("{HOST}", HOST).replace("{OK}", OK).replace("{POST}", POST).translateEscapes();
    return REPEAT.matcher(text).replaceAll(m -> m.group(1).repeat(Integer.parseInt(m.group(2))));
  }
}
