package dev.lockstep.agent.proxy.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * What two parsers could read differently is refused, and nothing of it reaches a backend; what is
 * served reaches it in one form.
 *
 * <p>A row is a name, the outcome, what the client sends, and every byte that a backend gets of it.
 * The outcome is the status codes of all responses, and then one of:
 *
 * <ul>
 *   <li>{@code keep}: another request, sent right behind, is answered on the same connection
 *   <li>{@code close}: it is not answered, no backend sees it, and the connection is closed
 *   <li>{@code tunnel}: bytes pass both ways
 * </ul>
 *
 * <p>{@code {LOST}} at the end of the last cell: that backend connection is closed, not used again.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequestProbeTest {
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3}) ");
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String LOST = "{LOST}";

  private ProbedProxy proxy;

  /** What is sent, and what must come of it. */
  private record Probe(String outcome, List<String> request, List<String> backend, boolean lost) {

    static Probe of(List<String> row) {
      String backend = row.get(3);
      boolean lost = backend.endsWith(LOST);
      String bytes = lost ? backend.substring(0, backend.length() - LOST.length()) : backend;
      return new Probe(row.get(1), ProbeTable.parts(row.get(2)), ProbeTable.parts(bytes), lost);
    }

    boolean ends(String how) {
      return outcome.endsWith(how);
    }

    /** {@return what the backend has got, by connection, after one more plain request} */
    List<String> received(String another) {
      String before = String.join("", backend);
      if (before.isEmpty()) {
        return List.of(another);
      }
      return lost || ends("tunnel") ? List.of(before, another) : List.of(before + another);
    }
  }

  @BeforeAll
  void start() {
    proxy = new ProbedProxy();
  }

  @AfterAll
  void stop() {
    proxy.close();
  }

  @TestFactory
  Stream<DynamicContainer> requestsAreReadInOneWayOrRefused() {
    return Stream.of(
            "length-and-coding",
            "chunks",
            "trailers",
            "fields",
            "request-line",
            "targets",
            "hosts",
            "methods-and-versions",
            "upgrades",
            "expectations",
            "pipelines",
            "hop-by-hop",
            "claims",
            "limits",
            "known-attacks")
        .map(group -> DynamicContainer.dynamicContainer(group, probes("requests/" + group)));
  }

  private Stream<DynamicTest> probes(String file) {
    return ProbeTable.rows(file + ".txt", 4).stream()
        .map(row -> DynamicTest.dynamicTest(row.get(0), () -> probe(Probe.of(row))));
  }

  private void probe(Probe probe) {
    try (RecordingBackend backend = new RecordingBackend(null)) {
      proxy.serve(backend);
      String another = "/after";
      try (RawConnection client = proxy.connect()) {
        String got = exchange(client, backend, probe);
        assertThat(statuses(got)).as(got).isEqualTo(expected(probe));
        assertConnectionField(got, probe);
      }
      if (!probe.ends("keep")) {
        another = "/control";
        try (RawConnection client = proxy.connect()) {
          client.send(get(another));
          assertThat(client.readTo("served " + another)).startsWith("HTTP/1.1 200 OK");
        }
      }
      List<String> received =
          probe.received(ProbeTable.expand("GET " + another + " HTTP/1.1\\r\\n{CLAIMS}\\r\\n"));
      await()
          .pollInterval(Duration.ofMillis(1))
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(backend.received()).isEqualTo(received));
      // Whatever could still come would come on a connection that is open: only the last one is.
      await().pollInterval(Duration.ofMillis(1)).atMost(PATIENCE).until(() -> backend.open() == 1);
      assertThat(backend.received()).isEqualTo(received);
    }
  }

  private static String exchange(RawConnection client, RecordingBackend backend, Probe probe) {
    List<String> parts = new ArrayList<>(probe.request());
    parts.set(
        parts.size() - 1,
        parts.getLast() + (probe.ends("tunnel") ? RecordingBackend.PING : get("/after")));
    StringBuilder seen = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      client.send(parts.get(i));
      if (i + 1 < parts.size()) {
        seen.append(probe.backend().get(i));
        await()
            .pollInterval(Duration.ofMillis(1))
            .atMost(PATIENCE)
            .until(() -> String.join("", backend.received()).contentEquals(seen));
      }
    }
    return probe.ends("tunnel")
        ? client.readTo(RecordingBackend.PONG)
        : probe.ends("close") ? client.readToEnd() : client.readTo("served /after");
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: a.test\r\n\r\n";
  }

  private static String statuses(String got) {
    return STATUS
        .matcher(got)
        .results()
        .map((MatchResult m) -> m.group(1))
        .collect(Collectors.joining(" "));
  }

  private static String expected(Probe probe) {
    int end = probe.outcome().lastIndexOf(' ');
    return probe.outcome().substring(0, end) + (probe.ends("keep") ? " 200" : "");
  }

  /** A client is told that its connection ends, and only then (RFC 9112 9.6). */
  private static void assertConnectionField(String got, Probe probe) {
    int lastHead = got.lastIndexOf("HTTP/1.1 ");
    if (!probe.ends("tunnel")) {
      assertThat(got.substring(lastHead).contains("\r\nconnection: close\r\n"))
          .as(got)
          .isEqualTo(probe.ends("close"));
    }
  }
}
