package dev.lockstep.agent.proxy.abuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RawHttp2;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.RunningProxy.Patience;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.agent.proxy.TestTls;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Clients that are slow on purpose: each of them loses its connection after the time that is set,
 * whatever its route allows, and gives back what it held. Others are served meanwhile.
 */
class SlowClientTest {
  private static final Duration SOON = Duration.ofMillis(800);

  /** A busy machine must not look like a slow client. */
  private static final Duration NEVER = Duration.ofMinutes(5);

  private static final Patience HEADS = new Patience(SOON, NEVER, NEVER, NEVER);
  private static final Patience HANDSHAKES = new Patience(NEVER, SOON, NEVER, NEVER);
  private static final Patience BODIES = new Patience(NEVER, NEVER, NEVER, SOON);
  private static final Patience STREAMS = new Patience(NEVER, NEVER, SOON, SOON);
  private static final Patience HEADS_AND_BODIES = new Patience(SOON, NEVER, NEVER, SOON);

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final int CLIENTS = 20;
  private static final int MOMENT_MILLIS = 20;

  /** More than the kernel holds for one connection. */
  private static final int BIG = 64_000_000;

  private static final String HOST = "Host: a.test\r\n";
  private static final String POST =
      "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1000\r\n\r\nsome";

  private final List<AutoCloseable> open = new ArrayList<>();
  private final TestBackend backend = opened(new TestBackend(SlowClientTest::answer));
  private RunningProxy proxy;

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T opened(T closeable) {
    open.add(closeable);
    return closeable;
  }

  /** Starts a data plane whose patience ends soon with these, and with nothing else. */
  private void start(Patience patience, TestBackend to) {
    proxy = opened(new RunningProxy(patience.timeouts()));
    var config = Configs.to("a.test", to.endpoint());
    proxy.serve(Configs.tls(config, "a.test", TestCertificate.of("a", "a.test")));
  }

  private void start(Patience patience) {
    start(patience, backend);
  }

  /** Answers small; whoever asks for {@code /big} gets more than it will take. */
  private static void answer(TestBackend.Connection connection) throws IOException {
    byte[] part = new byte[1 << 20];
    Arrays.fill(part, (byte) 'x');
    for (String it = connection.readRequest(); !it.isEmpty(); it = connection.readRequest()) {
      if (it.contains(" /big ")) {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + BIG + "\r\n\r\n");
        for (int sent = 0; sent < BIG; sent += part.length) {
          connection.socket().getOutputStream().write(part, 0, Math.min(part.length, BIG - sent));
        }
      } else {
        connection.answer("here");
      }
    }
  }

  private <T extends AutoCloseable> List<T> many(int number, Supplier<T> client) {
    List<T> clients = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      clients.add(opened(client.get()));
    }
    return clients;
  }

  private RawHttp2 http2(Socket socket, int window) {
    return opened(new RawHttp2(socket, window));
  }

  private Socket tls() {
    return TestTls.connect(proxy.https(), "a.test", "h2");
  }

  private void assertOthersAreServed() {
    try (RawClient victim = proxy.client();
        RawHttp2 other = new RawHttp2(tls())) {
      assertThat(victim.get("a.test", "/").body()).isEqualTo("here");
      assertThat(other.result(other.get("a.test", "/")).body()).isEqualTo("here");
    }
  }

  private void awaitNoConnections() {
    await().atMost(MINUTE).until(() -> proxy.server().meters().read().activeConnections() == 0);
  }

  @Test
  void headThatNeverEndsIsGivenUpThoughBytesKeepComing() throws IOException {
    start(HEADS);
    List<RawClient> clients = many(CLIENTS, proxy::client);
    clients.forEach(it -> it.send("GET / HTTP/1.1\r\n" + HOST + "X-Slow: "));
    assertOthersAreServed();
    for (RawClient client : clients) {
      trickle(client);
    }
    clients.forEach(it -> assertThat(it.isClosedByServer()).isTrue());
    awaitNoConnections();
  }

  /** Sends bytes, one in a moment, until an answer comes. */
  private static void trickle(RawClient client) throws IOException {
    client.socket().setSoTimeout(MOMENT_MILLIS);
    boolean waiting = true;
    while (waiting) {
      try {
        client.socket().getOutputStream().write('x');
        client.readN(1);
        waiting = false;
      } catch (java.io.UncheckedIOException e) {
        waiting = e.getCause() instanceof SocketTimeoutException;
      } catch (IOException e) {
        waiting = false;
      }
    }
  }

  @Test
  void handshakeThatStopsIsGivenUp() {
    start(HANDSHAKES);
    byte[] hello =
        new ClientHello(ClientHello.TLS_1_3, List.of(0x1301), List.of(29), "a.test").bytes();
    List<RawClient> clients = many(CLIENTS, () -> new RawClient(RawClient.open(proxy.https())));
    clients.forEach(it -> it.send(Arrays.copyOf(hello, hello.length / 2)));
    try (RawClient victim = proxy.client()) {
      assertThat(victim.get("a.test", "/").body()).isEqualTo("here");
    }
    clients.forEach(it -> assertThat(it.isClosedByServer()).isTrue());
    awaitNoConnections();
  }

  @Test
  void bodyThatStopsIsGivenUpAndFreesTheBackend() {
    start(BODIES);
    List<RawClient> clients = many(CLIENTS, proxy::client);
    clients.forEach(it -> it.send(POST));
    await().atMost(MINUTE).until(() -> backend.connections() >= CLIENTS);
    assertOthersAreServed();
    for (RawClient client : clients) {
      assertThat(client.read().status()).isEqualTo(408);
      assertThat(client.isClosedByServer()).isTrue();
    }
    await().atMost(MINUTE).until(() -> backend.openConnections() <= 2);
    awaitNoConnections();
  }

  @Test
  void bodyOfAStreamThatStopsIsGivenUpAndItsConnectionStays() {
    start(BODIES);
    RawHttp2 client = http2(tls(), 65_535);
    int stream = client.post("a.test", "content-length", "1000");
    client.data(stream, "some", 0);
    await().atMost(MINUTE).until(() -> backend.openConnections() == 1);
    assertThat(client.result(stream).status()).isEqualTo(408);
    assertThat(client.result(client.get("a.test", "/")).body()).isEqualTo("here");
  }

  @Test
  void answerThatNobodyTakesIsGivenUpAndFreesTheBackend() {
    start(BODIES);
    List<RawClient> clients = many(4, proxy::client);
    clients.forEach(it -> it.send("GET /big HTTP/1.1\r\n" + HOST + "\r\n"));
    await().atMost(MINUTE).until(() -> backend.openConnections() >= clients.size());
    assertOthersAreServed();
    await().atMost(MINUTE).until(() -> backend.openConnections() <= 2);
    awaitNoConnections();
  }

  /** A window of nothing: the answer is whole for the backend long before the client has it. */
  @Test
  void smallAnswerBehindAClosedWindowIsGivenUp() {
    start(STREAMS);
    RawHttp2 client = http2(tls(), 0);
    int stream = client.get("a.test", "/");
    assertOthersAreServed();
    RawHttp2.Result result = client.result(stream);
    assertThat(result.status()).isEqualTo(200);
    assertThat(result.reset()).isPositive();
    client.await(RawHttp2.GOAWAY);
    assertThat(client.isClosedByServer()).isTrue();
    awaitNoConnections();
  }

  @Test
  void bigAnswerBehindAClosedWindowIsGivenUpAndFreesTheBackend() {
    start(STREAMS);
    RawHttp2 client = http2(tls(), 0);
    int stream = client.get("a.test", "/big");
    assertThat(client.result(stream).reset()).isPositive();
    assertOthersAreServed();
    await().atMost(MINUTE).until(() -> backend.openConnections() <= 2);
    awaitNoConnections();
  }

  /** Its windows are wide open, but it never reads: neither data nor a reset nor a goodbye. */
  @Test
  void clientThatReadsNothingAtAllLosesItsConnection() throws IOException {
    start(STREAMS);
    Socket socket = tls();
    socket.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
    RawHttp2 client = http2(socket, Integer.MAX_VALUE);
    client.widen(0, Integer.MAX_VALUE - 65_535);
    client.get("a.test", "/big");
    await().atMost(MINUTE).until(() -> backend.openConnections() == 1);
    assertOthersAreServed();
    await().atMost(MINUTE).until(() -> backend.openConnections() <= 2);
    awaitNoConnections();
  }

  /** The other client, whose own time runs out, is the clock. */
  @Test
  void onlyTheClientIsHurried() {
    CountDownLatch release = new CountDownLatch(1);
    TestBackend late =
        opened(
            new TestBackend(
                connection -> {
                  String request = connection.readRequest();
                  awaitLatch(release);
                  connection.answer(request.isEmpty() ? "" : "late");
                }));
    start(HEADS_AND_BODIES, late);
    RawClient patient = opened(proxy.client());
    patient.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 2\r\n\r\nhi");
    await().atMost(MINUTE).until(() -> late.requests().size() == 1);
    assertThat(clock()).isEqualTo(408);
    release.countDown();
    assertThat(patient.read().body()).isEqualTo("late");
  }

  /** A call in which both sides talk: once the backend has begun, either may be silent. */
  @Test
  void openRequestMayBeSilentOnceItIsAnswered() {
    CountDownLatch release = new CountDownLatch(1);
    TestBackend early =
        opened(
            new TestBackend(
                connection -> {
                  connection.in().readNBytes(1);
                  connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na");
                  awaitLatch(release);
                  connection.send("bc");
                }));
    start(HEADS_AND_BODIES, early);
    RawClient talker = opened(proxy.client());
    talker.send(POST);
    talker.readUntil("\r\n\r\na");
    assertThat(clock()).isEqualTo(408);
    release.countDown();
    assertThat(new String(talker.readN(2))).isEqualTo("bc");
  }

  /** {@return what a client gets that begins now and stops in its head} */
  private int clock() {
    try (RawClient other = proxy.client()) {
      return other.send("GET / HTTP/1.1\r\nHo").read().status();
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
