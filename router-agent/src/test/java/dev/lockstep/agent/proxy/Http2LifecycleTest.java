package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.core.config.RouterConfig;
import io.netty.buffer.Unpooled;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How HTTP/2 connections end, and what a client cannot make us do. */
class Http2LifecycleTest {
  private static final int INTERNAL_ERROR = 2;
  private static final int ENHANCE_YOUR_CALM = 11;
  private static final int CANCEL = 8;
  private static final int EVERY_STREAM = Integer.MAX_VALUE;

  private final CountDownLatch release = new CountDownLatch(1);
  private final RunningProxy proxy = new RunningProxy();

  @AfterEach
  void stop() {
    release.countDown();
    proxy.close();
  }

  private RawHttp2 connect(RunningProxy to, TestBackend backend, int window) {
    RouterConfig config = Configs.to("a.test", backend.endpoint());
    to.serve(Configs.tls(config, "a.test", TestCertificate.of("a", "a.test")));
    return new RawHttp2(TestTls.connect(to.https(), "a.test", "h2"), window);
  }

  private RawHttp2 connect(TestBackend backend) {
    return connect(proxy, backend, 65_535);
  }

  /** A backend that answers when it is told to. */
  private TestBackend late() {
    return new TestBackend(
        connection -> {
          while (!connection.readRequest().isEmpty()) {
            awaitRelease();
            connection.answer("late");
          }
        });
  }

  private void awaitRelease() {
    try {
      release.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static int lastStream(RawHttp2.Frame goodbye) {
    return Unpooled.wrappedBuffer(goodbye.payload()).getInt(0);
  }

  @Test
  void retiredConnectionEndsWithItsLastStream() {
    try (TestBackend backend = late();
        RawHttp2 client = connect(backend)) {
      int stream = client.get("a.test", "/");
      await().until(() -> backend.requests().size() == 1);
      RunningProxy.await(proxy.server().retireConnections(Duration.ofMillis(300)));
      // First a warning, so that no stream which is on its way is lost.
      assertThat(lastStream(client.await(RawHttp2.GOAWAY))).isEqualTo(EVERY_STREAM);
      int another = client.get("a.test", "/");
      RawHttp2.Frame last = client.read();
      while (last.type() != RawHttp2.GOAWAY) {
        last = client.read();
      }
      assertThat(lastStream(last)).isEqualTo(another);
      release.countDown();
      assertThat(client.result(stream).body()).isEqualTo("late");
      assertThat(client.result(another).body()).isEqualTo("late");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void whoComesToARetiringReplicaGetsOneStream() {
    try (TestBackend backend = TestBackend.saying("once")) {
      connect(backend).close();
      RunningProxy.await(proxy.server().retireConnections(Duration.ofSeconds(30)));
      try (RawHttp2 client = new RawHttp2(TestTls.connect(proxy.https(), "a.test", "h2"))) {
        int stream = client.get("a.test", "/");
        assertThat(client.result(stream).body()).isEqualTo("once");
        assertThat(lastStream(client.await(RawHttp2.GOAWAY))).isEqualTo(stream);
        assertThat(client.isClosedByServer()).isTrue();
      }
    }
  }

  @Test
  void drainFinishesStreams() {
    try (TestBackend backend = late();
        RawHttp2 client = connect(backend)) {
      int stream = client.get("a.test", "/");
      await().until(() -> backend.requests().size() == 1);
      CompletionStage<Void> drained = proxy.server().drain(Duration.ofSeconds(20));
      client.await(RawHttp2.GOAWAY);
      assertThat(drained.toCompletableFuture()).isNotDone();
      release.countDown();
      assertThat(client.result(stream).body()).isEqualTo("late");
      client.close();
      RunningProxy.await(drained);
    }
  }

  @Test
  void replicaThatMayNotServeRefusesAndSaysGoodbye() {
    try (TestBackend backend = TestBackend.saying("old");
        RawHttp2 client = connect(backend)) {
      client.result(client.get("a.test", "/"));
      proxy.refuse();
      assertThat(client.await(RawHttp2.GOAWAY).error()).isZero();
      assertThat(client.isClosedByServer()).isTrue();
      assertThat(backend.requests()).hasSize(1);
    }
  }

  @Test
  void idleConnectionsAreClosed() {
    try (RunningProxy quick = new RunningProxy(RunningProxy.idle(Duration.ofMillis(200)));
        TestBackend backend = TestBackend.saying("ok");
        RawHttp2 client = connect(quick, backend, 65_535)) {
      client.result(client.get("a.test", "/"));
      assertThat(client.await(RawHttp2.GOAWAY).error()).isZero();
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void clientThatTakesNothingHoldsTheBackendUp() {
    AtomicLong sent = new AtomicLong();
    int length = 50_000_000;
    TestBackend.Script script =
        connection -> {
          connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
          String part = "x".repeat(10_000);
          for (int i = 0; i < length / part.length(); i++) {
            connection.send(part);
            sent.addAndGet(part.length());
          }
        };
    try (TestBackend backend = new TestBackend(script);
        RawHttp2 client = connect(proxy, backend, 0)) {
      int stream = client.get("a.test", "/");
      client.await(RawHttp2.HEADERS);
      AtomicLong before = new AtomicLong(-1);
      await()
          .pollInterval(Duration.ofMillis(300))
          .until(() -> before.getAndSet(sent.get()) == sent.get());
      // What the kernel's buffers hold on both sides of the proxy, and little more.
      assertThat(sent.get()).isBetween(1L, length / 2L);
      client.widen(0, length);
      client.widen(stream, length);
      assertThat(client.result(stream).body()).hasSize(length);
    }
  }

  @Test
  void backendThatTakesNothingHoldsTheClientUp() {
    TestBackend.Script script =
        connection -> {
          connection.in().read();
          awaitRelease();
          connection.in().readAllBytes();
        };
    try (TestBackend backend = new TestBackend(script);
        RawHttp2 client = connect(backend)) {
      int stream = client.post("a.test");
      String part = "x".repeat(16_000);
      int credit = 65_535;
      int sent = 0;
      while (credit >= part.length() && sent < 100_000_000) {
        client.data(stream, part, 0);
        sent += part.length();
        credit -= part.length();
        while (credit < part.length() && client.hasInput()) {
          RawHttp2.Frame frame = client.read();
          boolean mine = frame.type() == RawHttp2.WINDOW_UPDATE && frame.stream() == stream;
          credit += mine ? Unpooled.wrappedBuffer(frame.payload()).getInt(0) : 0;
        }
      }
      assertThat(sent).isBetween(1, 50_000_000);
    }
  }

  @Test
  void clientThatCancelsFreesTheBackend() {
    try (TestBackend backend = late();
        RawHttp2 client = connect(backend)) {
      int stream = client.get("a.test", "/");
      await().until(() -> backend.requests().size() == 1);
      byte[] why = {0, 0, 0, CANCEL};
      client.send(RawHttp2.RST_STREAM, 0, stream, why);
      release.countDown();
      await().until(() -> backend.openConnections() == 0);
      assertThat(client.result(client.get("a.test", "/")).body()).isEqualTo("late");
    }
  }

  @Test
  void answerThatBreaksOffIsReset() {
    TestBackend.Script script =
        connection -> {
          connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        };
    try (TestBackend backend = new TestBackend(script);
        RawHttp2 client = connect(backend)) {
      assertThat(client.result(client.get("a.test", "/")).reset()).isEqualTo(INTERNAL_ERROR);
    }
  }

  // Floods: each ends the connection, and the work that it makes with it.

  @Test
  void rapidResetsEndTheConnection() {
    try (TestBackend backend = late();
        RawHttp2 client = connect(backend)) {
      byte[] why = {0, 0, 0, CANCEL};
      assertThat(
              endsWhile(
                  client,
                  () -> client.send(RawHttp2.RST_STREAM, 0, client.get("a.test", "/"), why)))
          .isEqualTo(ENHANCE_YOUR_CALM);
    }
  }

  /** Resets that a client provokes count like its own ("MadeYouReset"). */
  @Test
  void provokedResetsEndTheConnection() {
    try (TestBackend backend = late();
        RawHttp2 client = connect(backend)) {
      byte[] none = {0, 0, 0, 0};
      assertThat(
              endsWhile(
                  client,
                  () -> client.send(RawHttp2.WINDOW_UPDATE, 0, client.get("a.test", "/"), none)))
          .isEqualTo(ENHANCE_YOUR_CALM);
    }
  }

  @Test
  void controlFramesWithoutEndEndTheConnection() {
    for (int type : new int[] {RawHttp2.PING, RawHttp2.SETTINGS}) {
      try (TestBackend backend = late();
          RawHttp2 client = connect(backend)) {
        byte[] payload = new byte[type == RawHttp2.PING ? 8 : 0];
        assertThat(endsWhile(client, () -> client.send(type, 0, 0, payload)))
            .isEqualTo(ENHANCE_YOUR_CALM);
      }
    }
  }

  @Test
  void continuationsWithoutEndEndTheConnection() {
    try (TestBackend backend = late();
        RawHttp2 client = connect(backend)) {
      client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, RawHttp2.block(":method", "GET"));
      byte[] little = RawHttp2.block("x", "y");
      assertThat(endsWhile(client, () -> client.send(RawHttp2.CONTINUATION, 0, 1, little)))
          .isEqualTo(ENHANCE_YOUR_CALM);
    }
  }

  /** {@return the error with which the server ends the connection while this is done again} */
  private static int endsWhile(RawHttp2 client, Runnable again) {
    try {
      for (int i = 0; i < 5_000 && !client.hasSeen(RawHttp2.GOAWAY); i++) {
        again.run();
        if (i % 50 == 0) {
          client.readWhatIsThere();
        }
      }
    } catch (UncheckedIOException e) {
      // The server has closed: what it said before is still to be read.
    }
    return client.await(RawHttp2.GOAWAY).error();
  }
}
