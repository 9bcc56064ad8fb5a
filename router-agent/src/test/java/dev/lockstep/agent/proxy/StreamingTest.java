package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Big bodies and tunnels pass at the pace of the slower side, and nothing piles up in between. */
class StreamingTest {
  private static final int MEGABYTE = 1 << 20;
  private static final int TOTAL_MEGABYTES = 256;

  /** What kernel buffers of both connections and our own may hold; far less than the body. */
  private static final long BOUND = 48L * MEGABYTE;

  private static final String UPGRADE =
      "GET /ws HTTP/1.1\r\nHost: a.test\r\nConnection: keep-alive, Upgrade\r\n"
          + "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
          + "Sec-WebSocket-Version: 13\r\n\r\n";

  private static final String SWITCHING =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

  private final RunningProxy proxy = new RunningProxy();
  private final AtomicLong sent = new AtomicLong();

  @AfterEach
  void stop() {
    proxy.close();
  }

  private void serve(TestBackend backend, Duration idle) {
    RoutePolicy policy = Configs.timeouts(Duration.ofSeconds(5), idle);
    proxy.serve(Configs.with(RouterConfig.EMPTY, "a.test", policy, backend.endpoint()));
  }

  private void sendMegabytes(TestBackend.Connection connection) throws IOException {
    byte[] megabyte = new byte[MEGABYTE];
    Arrays.fill(megabyte, (byte) 'x');
    for (int i = 0; i < TOTAL_MEGABYTES; i++) {
      connection.socket().getOutputStream().write(megabyte);
      sent.addAndGet(MEGABYTE);
    }
  }

  /** Waits until the sender has got stuck: it sent nothing for a while. */
  private long stuckAt(AtomicLong counter) {
    AtomicLong before = new AtomicLong(-1);
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> before.getAndSet(counter.get()) == counter.get() && counter.get() > 0);
    return counter.get();
  }

  @Test
  void clientThatDoesNotReadStopsTheBackend() {
    try (TestBackend backend =
        new TestBackend(
            connection -> {
              connection.readRequest();
              long length = (long) TOTAL_MEGABYTES * MEGABYTE;
              connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
              sendMegabytes(connection);
            })) {
      serve(backend, Duration.ofSeconds(30));
      try (RawClient client = proxy.client()) {
        client.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
        assertThat(stuckAt(sent)).isLessThan(BOUND);
        client.readUntil("\r\n\r\n");
        for (int i = 0; i < TOTAL_MEGABYTES; i++) {
          assertThat(client.readN(MEGABYTE)).hasSize(MEGABYTE);
        }
      }
    }
  }

  @Test
  void backendThatDoesNotReadStopsTheClient() {
    CountDownLatch done = new CountDownLatch(1);
    try (TestBackend backend =
        new TestBackend(
            connection -> {
              connection.in().read();
              awaitLatch(done);
            })) {
      serve(backend, Duration.ofSeconds(30));
      try (RawClient client = proxy.client()) {
        client.send("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n");
        Thread sender = Thread.ofVirtual().start(() -> sendChunks(client));
        assertThat(stuckAt(sent)).isLessThan(BOUND);
        assertThat(sender.isAlive()).isTrue();
      }
    } finally {
      done.countDown();
    }
  }

  private void sendChunks(RawClient client) {
    String chunk = "100000\r\n" + "x".repeat(MEGABYTE) + "\r\n";
    try {
      for (int i = 0; i < TOTAL_MEGABYTES; i++) {
        client.send(chunk);
        sent.addAndGet(MEGABYTE);
      }
    } catch (java.io.UncheckedIOException e) {
      // The test is over and has closed the connection.
    }
  }

  @Test
  void bothBodiesStreamAtTheSameTime() {
    try (TestBackend backend =
        new TestBackend(
            connection -> {
              connection.in().readNBytes(1);
              connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na");
              connection.readRequest();
              connection.send("bc");
              connection.readRequest();
            })) {
      serve(backend, Duration.ofSeconds(30));
      try (RawClient client = proxy.client()) {
        client.send("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n\r\n1");
        client.readUntil("\r\n\r\na");
        client.send("2");
        assertThat(client.readN(2)).isEqualTo(new byte[] {'b', 'c'});
        assertThat(client.get("nobody.test", "/").status()).isEqualTo(404);
      }
    }
  }

  @Test
  void clientThatReadsNoAnswersGetsNoMoreRequestsServed() {
    AtomicLong written = new AtomicLong();
    try (RawClient client = proxy.client()) {
      String many = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n".repeat(10_000);
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 1000; i++) {
                        client.send(many);
                        written.addAndGet(many.length());
                      }
                    } catch (java.io.UncheckedIOException e) {
                      // The test is over and has closed the connection.
                    }
                  });
      assertThat(stuckAt(written)).isLessThan(BOUND);
      assertThat(sender.isAlive()).isTrue();
    }
  }

  @Test
  void tunnelPassesBytesBothWaysAsTheyAre() {
    try (TestBackend backend =
        new TestBackend(
            connection -> {
              String request = connection.readRequest();
              assertThat(request).contains("connection: upgrade\r\nupgrade: websocket\r\n");
              connection.send(SWITCHING + "first");
              for (int b = connection.in().read(); b >= 0; b = connection.in().read()) {
                connection.socket().getOutputStream().write(b ^ 0x20);
              }
            })) {
      serve(backend, Duration.ofSeconds(30));
      try (RawClient client = proxy.client()) {
        client.send(UPGRADE + "early");
        RawClient.Response response = client.read();
        assertThat(response.status()).isEqualTo(101);
        assertThat(response.field("upgrade")).hasValue("websocket");
        assertThat(response.field("sec-websocket-accept")).isPresent();
        assertThat(client.readN(10)).isEqualTo("firstEARLY".getBytes());
        proxy.serve(RouterConfig.EMPTY);
        client.send("still");
        assertThat(client.readN(5)).isEqualTo("STILL".getBytes());
        client.close();
        await().until(() -> backend.openConnections() == 0);
      }
    }
  }

  @Test
  void tunnelStopsForAPeerThatDoesNotRead() {
    try (TestBackend backend =
        new TestBackend(
            connection -> {
              connection.readRequest();
              connection.send(SWITCHING);
              sendMegabytes(connection);
            })) {
      serve(backend, Duration.ofSeconds(30));
      try (RawClient client = proxy.client()) {
        assertThat(client.send(UPGRADE).read().status()).isEqualTo(101);
        assertThat(stuckAt(sent)).isLessThan(BOUND);
        for (int i = 0; i < TOTAL_MEGABYTES; i++) {
          assertThat(client.readN(MEGABYTE)).hasSize(MEGABYTE);
        }
        assertThat(client.isClosedByServer()).isTrue();
      }
    }
  }

  @Test
  void silentTunnelIsClosed() {
    try (TestBackend backend =
        new TestBackend(
            connection -> {
              connection.readRequest();
              connection.send(SWITCHING);
              connection.in().read();
            })) {
      serve(backend, Duration.ofMillis(200));
      try (RawClient client = proxy.client()) {
        assertThat(client.send(UPGRADE).read().status()).isEqualTo(101);
        assertThat(client.isClosedByServer()).isTrue();
        await().until(() -> backend.openConnections() == 0);
      }
    }
  }

  @Test
  void upgradeThatTheBackendRefusesIsAnOrdinaryResponse() {
    try (TestBackend backend = TestBackend.saying("no")) {
      serve(backend, Duration.ofSeconds(30));
      try (RawClient client = proxy.client()) {
        assertThat(client.send(UPGRADE).read().body()).isEqualTo("no");
        assertThat(client.get("a.test", "/").body()).isEqualTo("no");
      }
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
