package dev.lockstep.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers over a real socket, whole, cut short, and missing. */
final class HttpConnectionTest {
  private static final Duration SOON = Duration.ofMillis(300);
  private static final byte[] REQUEST = HttpConnection.request("GET", "a.example", "/");

  private final List<Socket> peers = new ArrayList<>();
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    for (Socket peer : peers) {
      peer.close();
    }
    server.close();
  }

  @Test
  void answersOfBothFramingsComeOverOneConnection() throws IOException {
    String answers =
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"
            + "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "2\r\ntw\r\n1\r\no\r\n0\r\n\r\n"
            + "HTTP/1.1 204 No Content\r\n\r\n";
    try (HttpConnection connection = connect()) {
      answer(answers);
      assertReply(connection.exchange(REQUEST), 200, "one");
      assertReply(connection.exchange(REQUEST), 404, "two");
      assertReply(connection.exchange(REQUEST), 204, "");
      assertThat(connection.usable()).isTrue();
    }
  }

  @Test
  void announcedEndMakesItUnusable() throws IOException {
    String answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    try (HttpConnection connection = connect()) {
      answer(answer);
      assertReply(connection.exchange(REQUEST), 200, "ok");
      assertThat(connection.usable()).isFalse();
    }
  }

  @Test
  void closedBeforeAnAnswerIsTold() throws IOException {
    try (HttpConnection connection = connect()) {
      answer("").close();
      assertThatThrownBy(() -> connection.exchange(REQUEST))
          .isInstanceOf(UncheckedIOException.class);
      assertThat(connection.answered()).isFalse();
      assertThat(connection.usable()).isFalse();
    }
  }

  @Test
  void closedInTheMiddleOfAnAnswerIsTold() throws IOException {
    for (String part :
        new String[] {
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
          "HTTP/1.1 200 OK\r\nContent-"
        }) {
      try (HttpConnection connection = connect()) {
        answerAndEnd(part);
        assertThatThrownBy(() -> connection.exchange(REQUEST))
            .isInstanceOf(UncheckedIOException.class);
        assertThat(connection.answered()).isTrue();
        assertThat(connection.usable()).isFalse();
      }
    }
  }

  @Test
  void silenceEndsInATimeout() throws IOException {
    try (HttpConnection connection = connect()) {
      answer("");
      assertThatThrownBy(() -> connection.exchange(REQUEST))
          .hasCauseInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void bodyIsCountedInBytes() {
    byte[] request = HttpConnection.request("PUT", "a.example", "/x", "{\"a\":\"é\"}");
    assertThat(new String(request, StandardCharsets.UTF_8))
        .startsWith("PUT /x HTTP/1.1\r\nHost: a.example\r\n")
        .contains("\r\nContent-Length: 10\r\n")
        .endsWith("\r\n\r\n{\"a\":\"é\"}");
  }

  private HttpConnection connect() {
    return HttpConnection.open(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/"), SOON);
  }

  /** Writes before it is asked: the kernel keeps it until then. */
  private Socket answer(String text) throws IOException {
    Socket peer = server.accept();
    peers.add(peer);
    peer.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return peer;
  }

  /** Ends its own direction only: a full close could reset away what was sent. */
  private void answerAndEnd(String text) throws IOException {
    answer(text).shutdownOutput();
  }

  private static void assertReply(Reply reply, int status, String body) {
    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.body()).isEqualTo(body);
    assertThat(reply.endedAt()).isGreaterThanOrEqualTo(reply.begunAt());
  }
}
