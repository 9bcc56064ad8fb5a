package dev.lockstep.agent.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.AckEntry;
import dev.lockstep.core.protocol.Effect;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The event stream as a client reads it, and how a client that was cut off goes on. */
@Timeout(60)
class EventStreamTest {
  private RunningApi api;

  @BeforeEach
  void start() {
    api =
        RunningApi.of(
            Views.leader(), new ApiLimits(2, 2, Duration.ofMillis(200), Duration.ofMillis(300)));
  }

  @AfterEach
  void stop() {
    api.close();
  }

  /** A client that reads line by line. */
  private final class Stream implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader reader;

    Stream(String... headers) throws IOException {
      socket = new Socket();
      // BEFORE connecting, or the kernel lets the buffer grow to many megabytes.
      socket.setReceiveBufferSize(16 * 1024);
      socket.connect(new InetSocketAddress("127.0.0.1", api.port()));
      socket.setSoTimeout(10_000);
      String request =
          "GET /v1/events HTTP/1.1\r\nHost: x\r\n" + String.join("\r\n", headers) + "\r\n";
      String ending = headers.length == 0 ? "" : "\r\n";
      socket.getOutputStream().write((request + ending).getBytes(StandardCharsets.US_ASCII));
      reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      until("retry: 1000");
    }

    /** {@return all lines up to the first that starts so} */
    List<String> until(String start) throws IOException {
      List<String> lines = new ArrayList<>();
      String line = reader.readLine();
      while (line != null && !line.startsWith(start)) {
        lines.add(line);
        line = reader.readLine();
      }
      assertThat(line).as("after " + lines).isNotNull();
      lines.add(line);
      return lines;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void everyKindOfNoticeIsToldWithTypeAndId() throws IOException {
    Digest digest = Digest.of("x");
    List<Effect.Notice> notices =
        List.of(
            new Effect.LeadershipWon(Views.EPOCH, "expired"),
            new Effect.LeadershipLost(Views.EPOCH, "deposed"),
            new Effect.Suspended(Views.EPOCH),
            new Effect.Resumed(Views.EPOCH),
            new Effect.Committed(Views.EPOCH, new Version(13), digest, 2),
            new Effect.Served(new Version(13), digest),
            new Effect.Refused(new Version(13), List.of(new ConfigProblem("disk", "full"))),
            new Effect.BarrierOpened(Views.EPOCH, new Version(13), Duration.ofMillis(4)),
            new Effect.MemberChanged("router2", Views.pod(2), AckEntry.Kind.FENCED, "silent"),
            new Effect.Alarm("pod", "without our gate"),
            new Effect.Following(Optional.empty(), Views.EPOCH, "lost"));
    List<String> types =
        List.of(
            "leadership-won",
            "leadership-lost",
            "suspended",
            "resumed",
            "committed",
            "served",
            "refused",
            "barrier-opened",
            "member-changed",
            "alarm",
            "following");
    try (Stream stream = new Stream()) {
      for (int i = 0; i < notices.size(); i++) {
        api.replica.announce(notices.get(i));
        assertThat(stream.until("data:"))
            .contains("id: boot1." + (i + 1), "event: " + types.get(i))
            .last()
            .asString()
            .contains("\"at\":\"20");
      }
    }
  }

  @Test
  void clientGoesOnWhereItWas() throws IOException {
    for (int version = 1; version <= 4; version++) {
      api.replica.announce(new Effect.Served(new Version(version), Digest.of("x")));
    }
    try (Stream stream = new Stream("Last-Event-ID: boot1.2")) {
      assertThat(stream.until("data:")).contains("id: boot1.3").doesNotContain("event: reset");
      assertThat(stream.until("data:")).contains("id: boot1.4");
    }
  }

  @Test
  void clientOfAnotherRunIsToldThatItMissedSomething() throws IOException {
    api.replica.announce(new Effect.Served(new Version(1), Digest.of("x")));
    for (String id : List.of("boot0.1", "boot1.9", "nonsense", "boot1.")) {
      try (Stream stream = new Stream("Last-Event-ID: " + id)) {
        assertThat(stream.until("data:")).contains("event: reset");
        assertThat(stream.until("data:")).contains("id: boot1.1");
      }
    }
  }

  @Test
  void onlySoManyEventsAreKept() throws IOException {
    for (int version = 1; version <= EventFeed.KEPT + 5; version++) {
      api.replica.announce(new Effect.Served(new Version(version), Digest.of("x")));
    }
    try (Stream kept = new Stream("Last-Event-ID: boot1.5");
        Stream dropped = new Stream("Last-Event-ID: boot1.4")) {
      assertThat(kept.until("data:")).contains("id: boot1.6");
      assertThat(dropped.until("data:")).contains("event: reset");
      assertThat(dropped.until("data:")).contains("id: boot1.6");
    }
  }

  @Test
  void streamsAreBoundedAndClosedOnesMakeRoom() throws IOException {
    try (Stream first = new Stream();
        Stream second = new Stream()) {
      assertThat(first.socket.isConnected() && second.socket.isConnected()).isTrue();
      assertThat(api.get("/v1/events").body()).contains("problems/overloaded");
    }
    await().untilAsserted(() -> assertThat(metrics()).contains("lockstep_api_subscribers 0.0"));
    try (Stream third = new Stream()) {
      api.replica.announce(new Effect.Resumed(Views.EPOCH));
      assertThat(third.until("event:")).contains("event: resumed");
    }
  }

  @Test
  void clientThatDoesNotReadIsCutOffAndTheOthersGoOn() throws IOException {
    String longReason = "x".repeat(64 * 1024);
    try (Stream deaf = new Stream();
        Stream hearing = new Stream()) {
      // 10 MB: more than the sockets of one connection hold.
      for (int i = 0; i < 160; i++) {
        api.replica.announce(new Effect.Alarm("noise", longReason));
        assertThat(hearing.until("data:")).isNotEmpty();
      }
      assertThat(deaf.socket.isClosed()).isFalse();
      await().untilAsserted(() -> assertThat(metrics()).contains("lockstep_api_subscribers 1.0"));
    }
  }

  @Test
  void followerTellsWhatItServesItself() throws IOException {
    ReplicaView view = Views.follower(2, 1, "http://127.0.0.1:1");
    try (RunningApi follower = RunningApi.of(view)) {
      var call = follower.start("/v1/replicas");
      assertThat(call.join().statusCode()).as("no leader there").isEqualTo(503);
      assertThat(follower.get("/metrics").statusCode()).isEqualTo(200);
      assertThat(follower.get("/readyz").statusCode()).isEqualTo(200);
    }
  }

  private String metrics() {
    return api.get("/metrics").body();
  }
}
