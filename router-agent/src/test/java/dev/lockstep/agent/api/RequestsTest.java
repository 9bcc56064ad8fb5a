package dev.lockstep.agent.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.core.protocol.Answer;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One leader, and what each call gets: status, and the words that matter. */
@Timeout(60)
class RequestsTest {
  private static final String WEB = "/v1/barriers?kind=Ingress&namespace=shop&name=web";
  private static RunningApi api;

  @BeforeAll
  static void start() {
    api = RunningApi.of(Views.leader());
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  /** One row. */
  record Case(String path, int status, List<String> words) {
    static Case of(String path, int status, String... words) {
      return new Case(path, status, List.of(words));
    }

    @Override
    public String toString() {
      return path;
    }
  }

  static Stream<Case> calls() {
    return Stream.of(
        // What can be read.
        Case.of("/v1/backends", 200, "\"address\":\"10.0.0.9\"", "\"ejected\":1,\"dead\":3"),
        Case.of("/v1/leader", 200, "\"pod\":\"lockstep-1\"", "\"unknownSince\":null"),
        Case.of("/v1/replicas", 200, "\"lag\":1", "\"state\":\"in-sync\"", "\"name\":\"broken\""),
        Case.of("/v1/versions", 200, "{\"versions\":{\"router1\":[\"shop/cart\",\"shop/web\"]"),
        Case.of("/v1/config", 200, "\"consistent\":false", "web.example.com", "\"version\":12"),
        Case.of("/v1/acks", 200, "\"next\":\"3.6\"", "\"kind\":\"nack\"", "\"truncated\":true"),
        Case.of("/v1/acks?since=3.4", 200, "\"id\":\"3.5\"", "\"truncated\":false"),
        Case.of("/v1/acks?since=3.6", 200, "\"acks\":[]", "\"truncated\":false"),
        Case.of("/v1/acks?since=2.900", 200, "\"id\":\"3.4\"", "\"truncated\":true"),
        Case.of("/metrics", 200, "lockstep_epoch 3.0", "lockstep_version_served 12.0"),
        Case.of("/livez", 200, "ok"),
        Case.of("/readyz", 200, "\"readiness\":\"ready\""),
        Case.of("/openapi.yaml", 200, "openapi: 3.1.0"),
        // What is not there.
        Case.of("/", 404, "no-such-page", "/openapi.yaml"),
        Case.of("/v2/leader", 404, "no-such-page"),
        // Parameters.
        Case.of("/v1/leader?verbose=1", 400, "verbose: unknown (expected: no parameters)"),
        Case.of("/v1/barriers/0", 400, "version: 0 (expected: a whole number, at least 1)"),
        Case.of("/v1/barriers/new", 400, "version: new"),
        Case.of("/v1/barriers/12?timeout=6m", 400, "timeout: 6m (expected: a duration"),
        Case.of("/v1/barriers/12?timeout=-1s", 400, "timeout: -1s"),
        Case.of("/v1/barriers/12?timeout=1&timeout=2", 400, "timeout: given 2 times"),
        Case.of("/v1/barriers/12?minreplicas=3", 400, "minreplicas: unknown"),
        Case.of("/v1/barriers/12?minReplicas=-3", 400, "minReplicas: -3"),
        Case.of("/v1/barriers", 400, "kind: nothing", "namespace: nothing", "name: nothing"),
        Case.of(WEB + "&state=gone", 400, "state: gone (expected: present or absent)"),
        Case.of(WEB + "&resourceVersion=new", 400, "resourceVersion: new"),
        Case.of("/v1/barriers?kind=Gateway&namespace=a&name=b", 400, "group: nothing"),
        Case.of("/v1/config?consistent=maybe", 400, "consistent: maybe (expected: true or false)"),
        Case.of("/v1/acks?since=5", 400, "since: 5 (expected: epoch.sequence"));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void isAnswered(Case row) {
    HttpResponse<String> response = api.get(row.path());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(row.status());
    assertThat(response.body()).contains(row.words());
    if (row.status() >= 400) {
      assertThat(response.headers().firstValue("Content-Type"))
          .contains("application/problem+json");
    }
  }

  /** One row: what the machine says, and what the caller gets. */
  record Said(Answer answer, int status, boolean retry, List<String> words) {
    static Said of(Answer answer, int status, boolean retry, String... words) {
      return new Said(answer, status, retry, List.of(words));
    }
  }

  static Stream<Said> answers() {
    Answer.Applied first = new Answer.Applied("router1", Views.pod(1), Views.CURRENT);
    Answer.Excluded third =
        new Answer.Excluded("router3", Views.pod(3), Views.CURRENT, "fenced: silent for 10 s");
    Answer.Pending second =
        new Answer.Pending("router2", Views.pod(2), Views.CURRENT, "no ack for 4 s");
    return Stream.of(
        Said.of(
            new Answer.Open(Views.CURRENT, Views.EPOCH, List.of(first), List.of(third)),
            200,
            false,
            "\"state\":\"open\"",
            "\"applied\":[{\"name\":\"router1\"",
            "\"excluded\":[{\"name\":\"router3\"",
            "fenced: silent"),
        Said.of(
            new Answer.Late(Optional.of(Views.CURRENT), List.of(second), ""),
            504,
            false,
            "problems/not-in-time",
            "waiting for router2 at 12 (no ack for 4 s)",
            "\"pending\":[{\"name\":\"router2\""),
        Said.of(
            new Answer.Late(Optional.empty(), List.of(), "the API server is away"),
            504,
            false,
            "a version yet to be assigned",
            "(the API server is away)"),
        Said.of(
            new Answer.Rejected(Views.WEB, "no such secret"),
            409,
            false,
            "problems/rejected",
            "ingress/shop/web: no such secret"),
        Said.of(new Answer.Unknown(Views.WEB, "not found"), 404, false, "problems/unknown-object"),
        Said.of(
            new Answer.StillPresent(Views.WEB, 4711),
            504,
            false,
            "problems/still-present",
            "\"resourceVersion\":\"4711\""),
        Said.of(
            new Answer.Undecidable("nobody is in sync"),
            503,
            true,
            "problems/undecidable",
            "nobody is in sync"));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void answerOfTheMachineIsPassedOn(Said row) {
    api.replica.answer(row.answer());
    for (String path : List.of("/v1/barriers/12", WEB, WEB + "&state=absent")) {
      HttpResponse<String> response = api.get(path);
      assertThat(response.statusCode()).isEqualTo(row.status());
      assertThat(response.body()).contains(row.words());
      assertThat(response.headers().firstValue("Retry-After").isPresent()).isEqualTo(row.retry());
    }
  }

  @Test
  void onlyGetIsAllowed() throws IOException, InterruptedException {
    HttpRequest post =
        HttpRequest.newBuilder(URI.create(api.url + "/v1/leader"))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response = client.send(post, HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(405);
      assertThat(response.headers().firstValue("Allow")).contains("GET");
    }
  }

  @Test
  void brokenEscapeIsTheCallersMistake() throws IOException {
    for (String target : List.of("/v1/acks?since=%ZZ", "/v1/barriers/%ZZ", "/%")) {
      try (Socket socket = new Socket("127.0.0.1", api.port())) {
        String request = "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer).startsWith("HTTP/1.1 400").contains("problems/invalid-request");
      }
    }
  }

  @Test
  void allFaultsOfACallAreNamedAtOnce() throws IOException {
    String body = api.get("/v1/barriers?kind=Secret&state=x&timeout=y&nmae=z").body();
    JsonNode errors = new ObjectMapper().readTree(body).get("errors");
    assertThat(errors.findValuesAsText("field"))
        .containsExactlyInAnyOrder("nmae", "namespace", "name", "state", "timeout");
  }

  @Test
  void unchangedAnswerIsNotSentAgain() {
    for (String path : List.of("/v1/replicas", "/v1/versions", "/v1/config", "/v1/acks")) {
      String tag = api.get(path).headers().firstValue("ETag").orElseThrow();
      HttpResponse<String> again = api.get(path, "If-None-Match", tag);
      assertThat(again.statusCode()).as(path).isEqualTo(304);
      assertThat(again.body()).isEmpty();
      assertThat(api.get(path, "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
    }
  }
}
