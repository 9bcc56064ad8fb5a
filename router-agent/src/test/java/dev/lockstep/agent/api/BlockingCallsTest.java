package dev.lockstep.agent.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that wait: what they ask the machine, and every way in which waiting ends. */
@Timeout(60)
class BlockingCallsTest {
  private static final ApiLimits TWO_WAITERS =
      new ApiLimits(2, 2, Duration.ofMillis(200), Duration.ofSeconds(1));
  private static final Answer OPEN =
      new Answer.Open(Views.CURRENT, Views.EPOCH, List.of(), List.of());

  private RunningApi api;

  @BeforeEach
  void start() {
    api = RunningApi.of(Views.leader(), TWO_WAITERS);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void questionCarriesEverythingThatWasAsked() {
    api.replica.answer(OPEN);
    api.get("/v1/barriers/7?timeout=1500ms&minReplicas=3");
    api.get("/v1/barriers?kind=ingress&namespace=shop&name=web&resourceVersion=42");
    api.get("/v1/barriers?kind=X&group=a.b&namespace=n&name=o&state=absent&timeout=2m");
    assertThat(api.replica.asked)
        .extracting(ReplicaTwin.Asked::about)
        .containsExactly(
            new Question.AtVersion(new Version(7)),
            new Question.AtObject(Views.WEB, Optional.of(42L), Observation.State.PRESENT),
            new Question.AtObject(
                new dev.lockstep.core.config.ObjectKey("a.b", "X", "n", "o"),
                Optional.empty(),
                Observation.State.ABSENT));
    assertThat(api.replica.asked)
        .extracting(ReplicaTwin.Asked::timeout)
        .containsExactly(
            Duration.ofMillis(1500), ApiLimits.STANDARD_TIMEOUT, Duration.ofMinutes(2));
    assertThat(api.replica.asked)
        .extracting(ReplicaTwin.Asked::minReplicas)
        .containsExactly(3, 0, 0);
  }

  @Test
  void questionIsWithdrawnWhenTheCallerHangsUp() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", api.port())) {
      String request = "GET /v1/barriers/13 HTTP/1.1\r\nHost: x\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      await().until(() -> api.replica.asked.size() == 1);
      assertThat(api.replica.asked.getFirst().answer()).isNotDone();
    }
    await().until(() -> api.replica.asked.getFirst().answer().isCancelled());
    await().until(() -> metric("lockstep_api_waiters").equals("0.0"));
  }

  @Test
  void oneWaiterTooManyIsToldToComeBack() {
    var first = api.start("/v1/barriers/13");
    var second = api.start("/v1/config?consistent=true");
    await().until(() -> api.replica.asked.size() == 2);

    HttpResponse<String> third = api.get("/v1/barriers/13");
    assertThat(third.statusCode()).isEqualTo(503);
    assertThat(third.headers().firstValue("Retry-After")).contains("1");
    assertThat(third.body()).contains("problems/overloaded");
    assertThat(api.get("/v1/replicas").statusCode()).as("reads go on").isEqualTo(200);

    api.replica.asked.forEach(asked -> asked.answer().complete(OPEN));
    assertThat(first.join().statusCode()).isEqualTo(200);
    assertThat(second.join().statusCode()).isEqualTo(200);
    api.replica.answer(OPEN);
    assertThat(api.get("/v1/barriers/13").statusCode()).as("room again").isEqualTo(200);
  }

  @Test
  void machineThatDoesNotMoveIsNotWaitedForForEver() {
    HttpResponse<String> response = api.get("/v1/barriers/13?timeout=0");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).contains("problems/stalled");
    assertThat(api.replica.asked.getFirst().answer().isCancelled()).isTrue();
  }

  @Test
  void consistentConfigIsTheOneThatTheBarrierOpenedFor() {
    api.replica.answer(OPEN);
    String body = api.get("/v1/config?consistent=true&timeout=5s").body();
    assertThat(body).contains("\"consistent\":true", "\"version\":12", "\"applied\":[]");
    assertThat(api.replica.asked)
        .extracting(ReplicaTwin.Asked::about)
        .containsExactly(new Question.AtCurrent());
  }

  @Test
  void configThatHasGoneOnIsWaitedForOnceMore() {
    api.replica.answerBy(
        asked -> {
          api.replica.show(
              Views.with(api.replica.view(), new Version(13), Views.config("web", "cart", "new")));
          Version version =
              asked.about() instanceof Question.AtVersion(Version at) ? at : Views.CURRENT;
          asked.answer().complete(new Answer.Open(version, Views.EPOCH, List.of(), List.of()));
        });
    String body = api.get("/v1/config?consistent=true").body();
    assertThat(body).contains("\"version\":13", "new.example.com");
    assertThat(api.replica.asked)
        .extracting(ReplicaTwin.Asked::about)
        .containsExactly(new Question.AtCurrent(), new Question.AtVersion(new Version(13)));
  }

  @Test
  void configIsNotShownAsConsistentWhenItIsNot() {
    api.replica.answer(new Answer.Late(Optional.of(Views.CURRENT), List.of(), "too slow"));
    HttpResponse<String> response = api.get("/v1/config?consistent=true&timeout=1s");
    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(response.body()).doesNotContain("routes");
  }

  @Test
  void answeredConnectionServesTheNextCall() throws IOException {
    api.replica.answer(OPEN);
    try (Socket socket = new Socket("127.0.0.1", api.port())) {
      String request = "GET /v1/barriers/12 HTTP/1.1\r\nHost: x\r\n\r\n";
      for (int round = 0; round < 3; round++) {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String answer = readTo(socket.getInputStream(), "\"excluded\":[]}");
        assertThat(answer).startsWith("HTTP/1.1 200");
      }
    }
    assertThat(api.replica.asked).hasSize(3);
  }

  private static String readTo(InputStream in, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int next = in.read(); next >= 0; next = in.read()) {
      text.append((char) next);
      if (text.toString().endsWith(end)) {
        return text.toString();
      }
    }
    throw new IOException("ended after " + text);
  }

  private String metric(String name) {
    return api.get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElse("none");
  }
}
