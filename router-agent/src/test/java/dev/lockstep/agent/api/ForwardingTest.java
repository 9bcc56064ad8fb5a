package dev.lockstep.agent.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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

/** A follower passes calls on to its leader: one hop, bounded in time, and never in circles. */
@Timeout(60)
class ForwardingTest {
  private static final ApiLimits QUICK =
      new ApiLimits(2, 2, Duration.ofMillis(200), Duration.ofMillis(300));
  private static final Answer OPEN =
      new Answer.Open(Views.CURRENT, Views.EPOCH, List.of(), List.of());

  private RunningApi leader;
  private RunningApi follower;

  @BeforeEach
  void start() {
    leader = RunningApi.of(Views.leader());
    follower = RunningApi.of(Views.follower(2, 1, leader.url), QUICK);
  }

  @AfterEach
  void stop() {
    follower.close();
    leader.close();
  }

  @Test
  void everyReadIsAnsweredAsByTheLeader() {
    for (String path :
        List.of("/v1/replicas", "/v1/versions", "/v1/config", "/v1/acks?since=3.4")) {
      HttpResponse<String> there = leader.get(path);
      HttpResponse<String> here = follower.get(path);
      assertThat(here.statusCode()).isEqualTo(200);
      assertThat(here.body()).isEqualTo(there.body());
      for (String header : List.of("ETag", "Content-Type", "Cache-Control")) {
        assertThat(here.headers().firstValue(header)).isEqualTo(there.headers().firstValue(header));
      }
      String tag = here.headers().firstValue("ETag").orElseThrow();
      assertThat(follower.get(path, "If-None-Match", tag).statusCode()).isEqualTo(304);
    }
    assertThat(follower.replica.asked).isEmpty();
  }

  @Test
  void leaderIsNamedByEachReplicaItself() {
    assertThat(follower.get("/v1/leader").body())
        .contains("\"pod\":\"lockstep-1\"", "\"epoch\":3", leader.url);
  }

  @Test
  void refusalOfTheLeaderComesBackWhole() {
    leader.replica.answer(new Answer.Rejected(Views.WEB, "no such secret"));
    HttpResponse<String> response =
        follower.get("/v1/barriers?kind=Ingress&namespace=shop&name=web&timeout=1s");
    assertThat(response.statusCode()).isEqualTo(409);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(response.body()).contains("no such secret");
  }

  @Test
  void badCallIsRefusedWithoutTroublingTheLeader() {
    assertThat(follower.get("/v1/barriers/x").statusCode()).isEqualTo(400);
    assertThat(leader.get("/metrics").body()).doesNotContain("endpoint=\"/v1/barriers");
  }

  @Test
  void callIsNotPassedOnTwice() {
    try (RunningApi other = RunningApi.of(Views.follower(3, 2, follower.url), QUICK)) {
      // Each takes the other for the leader.
      follower.replica.show(Views.follower(2, 3, other.url));
      HttpResponse<String> response = follower.get("/v1/replicas");
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.headers().firstValue("Retry-After")).contains("1");
      assertThat(response.body()).contains("passed on by lockstep-2");
    }
  }

  @Test
  void withoutLeaderTheCallerIsToldToComeBack() {
    follower.replica.show(Views.orphan(2));
    HttpResponse<String> response = follower.get("/v1/barriers/12");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("Retry-After")).contains("1");
    assertThat(response.body()).contains("problems/no-leader", "no leader is known to lockstep-2");

    String unknown = follower.get("/v1/leader").body();
    assertThat(unknown).contains("\"leader\":null", "\"unknownSince\":\"20");
    assertThat(follower.get("/v1/leader").body()).as("one moment, not now").isEqualTo(unknown);
  }

  @Test
  void replicaThatIsNamedAsItsOwnLeaderDoesNotCallItself() {
    follower.replica.show(Views.follower(2, 2, follower.url));
    assertThat(follower.get("/v1/replicas").statusCode()).isEqualTo(503);
  }

  @Test
  void deadLeaderIsNoticedAtOnce() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    follower.replica.show(Views.follower(2, 1, "http://127.0.0.1:" + port));
    long begun = System.nanoTime();
    HttpResponse<String> response = follower.get("/v1/barriers/12?timeout=60s");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void leaderThatAcceptsAndSaysNothingIsGivenUpInTime() throws IOException {
    try (ServerSocket hole = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      follower.replica.show(Views.follower(2, 1, "http://127.0.0.1:" + hole.getLocalPort()));
      for (String path : List.of("/v1/replicas", "/v1/barriers/12?timeout=200ms")) {
        HttpResponse<String> response = follower.get(path);
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).contains("leader lockstep-1: no answer in time");
      }
    }
  }

  @Test
  void leaderThatBreaksOffInItsAnswerIsNotTakenForAWholeOne() throws IOException {
    try (ServerSocket liar = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      follower.replica.show(Views.follower(2, 1, "http://127.0.0.1:" + liar.getLocalPort()));
      var call = follower.start("/v1/replicas");
      try (Socket connection = liar.accept()) {
        String half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"leader\"";
        connection.getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));
      }
      assertThat(call.handle((response, failure) -> failure != null).join()).isTrue();
    }
  }

  @Test
  void callerWhoHangsUpIsForgottenByTheLeaderToo() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", follower.port())) {
      String request = "GET /v1/barriers/13 HTTP/1.1\r\nHost: x\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      await().until(() -> leader.replica.asked.size() == 1);
    }
    await().until(() -> leader.replica.asked.getFirst().answer().isCancelled());
  }

  @Test
  void callThatWaitsAtAnOldLeaderIsCutWhenThereIsANewOne() {
    var call = follower.start("/v1/barriers/13?timeout=1m");
    await().until(() -> leader.replica.asked.size() == 1);

    ReplicaView changed = Views.follower(2, 3, "http://127.0.0.1:1");
    follower.replica.show(changed);
    follower.replica.announce(
        new Effect.Following(Optional.of(Views.replica(3)), Views.EPOCH.next(), "new leader"));

    HttpResponse<String> response = call.join();
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).contains("the leader has changed");
    await().until(() -> leader.replica.asked.getFirst().answer().isCancelled());
  }

  @Test
  void callThatWaitsStaysWhenTheSameLeaderIsConfirmed() {
    var call = follower.start("/v1/barriers/13?timeout=1m");
    await().until(() -> leader.replica.asked.size() == 1);
    follower.replica.announce(
        new Effect.Following(Optional.of(Views.replica(1)), Views.EPOCH, "link is back"));
    assertThat(follower.get("/v1/leader").statusCode()).isEqualTo(200);
    leader.replica.asked.getFirst().answer().complete(OPEN);
    assertThat(call.join().statusCode()).isEqualTo(200);
  }

  @Test
  void waitersOfAFollowerAreBoundedToo() {
    var first = follower.start("/v1/barriers/13");
    var second = follower.start("/v1/barriers/13");
    await().until(() -> leader.replica.asked.size() == 2);
    assertThat(follower.get("/v1/barriers/13").body()).contains("problems/overloaded");
    leader.replica.asked.forEach(asked -> asked.answer().complete(OPEN));
    assertThat(List.of(first.join().statusCode(), second.join().statusCode())).containsOnly(200);
    leader.replica.answer(OPEN);
    assertThat(follower.get("/v1/barriers/13").statusCode()).isEqualTo(200);
  }
}
