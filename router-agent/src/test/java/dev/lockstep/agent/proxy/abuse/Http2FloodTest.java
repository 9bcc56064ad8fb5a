package dev.lockstep.agent.proxy.abuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RawHttp2;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.agent.proxy.TestTls;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Floods that HTTP/2 makes possible, from several connections at once: others are served all the
 * while, every connection of the flood is ended, and what the proxy holds is bounded.
 */
class Http2FloodTest {
  private static final int ATTACKERS = 4;

  /** Connections that each of them loses, one after the other. */
  private static final int TURNS = 2;

  private static final int MOST_FRAMES = 20_000;
  private static final int STREAMS = 100;
  private static final int MOST_RESETS = 200;
  private static final int ENHANCE_YOUR_CALM = 11;
  private static final byte[] CANCEL = {0, 0, 0, 8};
  private static final byte[] NOTHING = {0, 0, 0, 0};
  private static final long MOST_BYTES = 128L << 20;

  private final TestBackend backend = TestBackend.saying("x".repeat(10_000));
  private final RunningProxy proxy = new RunningProxy();
  private final AtomicInteger ended = new AtomicInteger();

  Http2FloodTest() {
    var config = Configs.to("a.test", backend.endpoint());
    proxy.serve(Configs.tls(config, "a.test", TestCertificate.of("a", "a.test")));
  }

  @AfterEach
  void stop() {
    proxy.close();
    backend.close();
  }

  private RawHttp2 connect(int window) {
    return new RawHttp2(TestTls.connect(proxy.https(), "a.test", "h2"), window);
  }

  /** Lets all attackers do this again and again while others ask for something. */
  private void othersAreServedWhile(Consumer<RawHttp2> again) {
    List<Thread> attackers = new ArrayList<>();
    for (int i = 0; i < ATTACKERS; i++) {
      attackers.add(Thread.ofVirtual().start(() -> attack(again)));
    }
    try (RawClient plain = proxy.client();
        RawHttp2 other = connect(65_535)) {
      do {
        assertThat(plain.get("a.test", "/").status()).isEqualTo(200);
        int stream = other.get("a.test", "/");
        assertThat(other.result(stream).body()).hasSize(10_000);
        other.widen(0, 10_000);
      } while (attackers.stream().anyMatch(Thread::isAlive));
    }
    assertThat(ended).hasValue(ATTACKERS * TURNS);
    assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()).isLessThan(MOST_BYTES);
    await().until(() -> proxy.server().meters().read().activeConnections() == 0);
  }

  private void attack(Consumer<RawHttp2> again) {
    for (int turn = 0; turn < TURNS; turn++) {
      try (RawHttp2 client = connect(65_535)) {
        if (isEndedWhile(client, again)) {
          ended.incrementAndGet();
        }
      }
    }
  }

  /**
   * A goodbye can get lost when the connection closes under a flood; if there is one, it is this.
   */
  private static boolean isEndedWhile(RawHttp2 client, Consumer<RawHttp2> again) {
    boolean closed = false;
    try {
      for (int i = 0; i < MOST_FRAMES && !client.hasSeen(RawHttp2.GOAWAY); i++) {
        again.accept(client);
        if (i % 50 == 0) {
          client.readWhatIsThere();
        }
      }
      while (true) {
        client.read();
      }
    } catch (UncheckedIOException e) {
      closed = !(e.getCause() instanceof SocketTimeoutException);
    }
    return closed
        && (!client.hasSeen(RawHttp2.GOAWAY)
            || client.await(RawHttp2.GOAWAY).error() == ENHANCE_YOUR_CALM);
  }

  @Test
  void rapidResets() {
    othersAreServedWhile(
        client -> client.send(RawHttp2.RST_STREAM, 0, client.get("a.test", "/"), CANCEL));
  }

  @Test
  void resetsThatTheServerIsMadeToSend() {
    othersAreServedWhile(
        client -> client.send(RawHttp2.WINDOW_UPDATE, 0, client.get("a.test", "/"), NOTHING));
  }

  /** A request costs a backend nothing that is taken back in the piece that brings it. */
  @Test
  void whatIsTakenBackAtOnceReachesNoBackend() {
    try (RawHttp2 client = connect(65_535)) {
      int taken = STREAMS / 2;
      client.together(
          () -> {
            for (int i = 0; i < taken; i++) {
              client.send(RawHttp2.RST_STREAM, 0, client.get("a.test", "/"), CANCEL);
              client.send(RawHttp2.WINDOW_UPDATE, 0, client.get("a.test", "/"), NOTHING);
            }
          });
      int kept = client.get("a.test", "/kept");
      assertThat(client.result(kept).body()).hasSize(10_000);
    }
    assertThat(backend.requests()).singleElement().asString().startsWith("GET /kept ");
    assertThat(backend.connections()).isEqualTo(1);
  }

  /** What is on its way when a flood is ended makes no more work. */
  @Test
  void floodIsNotAnsweredBeyondItsEnd() {
    int goodbyes = 0;
    int resets = 0;
    try (RawHttp2 client = connect(65_535)) {
      for (int i = 0; i < 5 * MOST_RESETS; i++) {
        client.send(RawHttp2.WINDOW_UPDATE, 0, client.get("a.test", "/"), NOTHING);
      }
      while (true) {
        int type = client.read().type();
        goodbyes += type == RawHttp2.GOAWAY ? 1 : 0;
        resets += type == RawHttp2.RST_STREAM ? 1 : 0;
      }
    } catch (UncheckedIOException e) {
      assertThat(e.getCause()).isNotInstanceOf(SocketTimeoutException.class);
    }
    assertThat(goodbyes).isLessThanOrEqualTo(1);
    assertThat(resets).isLessThanOrEqualTo(MOST_RESETS + 1);
  }

  @Test
  void settings() {
    othersAreServedWhile(client -> client.send(RawHttp2.SETTINGS, 0, 0, new byte[0]));
  }

  @Test
  void pings() {
    othersAreServedWhile(client -> client.send(RawHttp2.PING, 0, 0, new byte[8]));
  }

  @Test
  void continuations() {
    byte[] little = RawHttp2.block("x", "y");
    othersAreServedWhile(
        client -> {
          client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, RawHttp2.block(":method", "GET"));
          for (int i = 0; i < STREAMS; i++) {
            client.send(RawHttp2.CONTINUATION, 0, 1, little);
          }
        });
  }

  @Test
  void emptyData() {
    othersAreServedWhile(
        client -> {
          int stream = client.post("a.test");
          for (int i = 0; i < STREAMS; i++) {
            client.data(stream, "", 0);
          }
        });
  }

  /** Answers that nobody lets through: they wait, as many as there may be streams. */
  @Test
  void closedWindows() {
    List<RawHttp2> attackers = new ArrayList<>();
    for (int i = 0; i < ATTACKERS; i++) {
      RawHttp2 client = connect(0);
      attackers.add(client);
      for (int stream = 0; stream < STREAMS; stream++) {
        client.get("a.test", "/");
      }
    }
    await().until(() -> backend.requests().size() == ATTACKERS * STREAMS);
    try (RawClient plain = proxy.client();
        RawHttp2 other = connect(65_535)) {
      assertThat(plain.get("a.test", "/").status()).isEqualTo(200);
      assertThat(other.result(other.get("a.test", "/")).body()).hasSize(10_000);
    }
    assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()).isLessThan(MOST_BYTES);
    attackers.forEach(RawHttp2::close);
    await().until(() -> proxy.server().meters().read().activeConnections() == 0);
  }
}
