package dev.lockstep.agent.proxy.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * An answer that cannot be read in one way only is not passed on, and a backend connection on which
 * anything was odd is never used again; the next request of the client is answered rightly.
 *
 * <p>A row is a name, the outcome, the request, the bytes that the backend answers, and every byte
 * that the client gets of them. The outcome is two words. What becomes of the client's connection:
 *
 * <ul>
 *   <li>{@code keep}: the next request is answered on it
 *   <li>{@code cut}: it is closed after these bytes
 * </ul>
 *
 * <p>And of the backend's: {@code reused} by the next request, or {@code lost}: closed before that,
 * so the next one gets another. In an answer {@code {END}} closes the connection, and {@code
 * {EARLY}} at the start does not wait for the request's body.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AnswerProbeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String EARLY = "{EARLY}";
  private static final String END = "{END}";

  private ProbedProxy proxy;

  /** What is asked and answered, and what must come of it. */
  private record Probe(String outcome, String request, List<String> answer, List<String> got) {

    static Probe of(List<String> row) {
      return new Probe(
          row.get(1), row.get(2), ProbeTable.parts(row.get(3)), ProbeTable.parts(row.get(4)));
    }

    boolean keeps() {
      return outcome.startsWith("keep ");
    }

    boolean reuses() {
      return outcome.endsWith(" reused");
    }
  }

  /** Answers in parts, the next one when the client has got what is due to the one before. */
  private static final class PartedAnswer implements RecordingBackend.Special {
    private final List<String> parts;
    private final List<CompletableFuture<Void>> permits;

    PartedAnswer(List<String> parts) {
      this.parts = parts;
      this.permits = IntStream.range(0, parts.size()).mapToObj(_ -> permit()).toList();
      permits.getFirst().complete(null);
    }

    private static CompletableFuture<Void> permit() {
      return new CompletableFuture<Void>().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    void permit(int part) {
      if (part < permits.size()) {
        permits.get(part).complete(null);
      }
    }

    @Override
    public void answer(RecordingBackend.Connection to, String head) throws IOException {
      if (!parts.getFirst().startsWith(EARLY)) {
        to.readBody(head);
      }
      for (int i = 0; i < parts.size(); i++) {
        permits.get(i).join();
        to.send(parts.get(i).replace(EARLY, "").replace(END, ""));
      }
      if (parts.getLast().endsWith(END)) {
        to.end();
      }
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
  Stream<DynamicContainer> oddAnswersEndTheirConnection() {
    return Stream.of("status-lines", "fields", "framing", "chunks", "no-body", "interim", "extra")
        .map(group -> DynamicContainer.dynamicContainer(group, probes("answers/" + group)));
  }

  private Stream<DynamicTest> probes(String file) {
    return ProbeTable.rows(file + ".txt", 5).stream()
        .map(row -> DynamicTest.dynamicTest(row.get(0), () -> probe(Probe.of(row))));
  }

  private void probe(Probe probe) {
    PartedAnswer answer = new PartedAnswer(probe.answer());
    try (RecordingBackend backend = new RecordingBackend(answer);
        RawConnection client = proxy.client(backend)) {
      client.send(probe.request());
      for (int i = 0; i < probe.answer().size(); i++) {
        answer.permit(i);
        String expected = i < probe.got().size() ? probe.got().get(i) : "";
        assertThat(client.read(expected.length())).isEqualTo(expected);
      }
      if (!probe.reuses()) {
        await()
            .pollInterval(Duration.ofMillis(1))
            .atMost(PATIENCE)
            .until(() -> backend.open() == 0);
      }
      if (probe.keeps()) {
        next(client, backend, probe);
      } else {
        assertThat(client.readToEnd()).isEmpty();
        try (RawConnection another = proxy.connect()) {
          next(another, backend, probe);
        }
      }
    }
  }

  /** The next request is answered by its own answer, on the connection that is due. */
  private static void next(RawConnection client, RecordingBackend backend, Probe probe) {
    String expected = RecordingBackend.plain("/next");
    client.send("GET /next HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assertThat(client.read(expected.length())).isEqualTo(expected);
    List<String> received = backend.received();
    assertThat(received).hasSize(probe.reuses() ? 1 : 2);
    assertThat(received.getLast().split("GET /next ", -1)).hasSize(2);
    assertThat(backend.open()).isEqualTo(1);
  }
}
