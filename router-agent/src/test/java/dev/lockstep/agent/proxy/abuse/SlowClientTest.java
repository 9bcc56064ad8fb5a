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
  private static final Duration STALL = Duration.ofMillis(800);
  private static final int CLIENTS = 40;
  private static final int MOMENT_MILLIS = 20;

  /** More than the kernel holds for one connection. */
  private static final int BIG = 64_000_000;

  private static final String HOST = "Host: a.test\r\n";
  private static final String POST =
      "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1000\r\n\r\nsome";

  private final RunningProxy proxy = new RunningProxy(RunningProxy.stall(STALL));
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    proxy.close();
  }

  private TestBackend serve(TestBackend backend) {
    open.add(backend);
    var config = Configs.to("a.test", backend.endpoint());
    proxy.serve(Configs.tls(config, "a.test", TestCertificate.of("a", "a.test")));
    return backend;
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

  private <T extends AutoCloseable> List<T> many(Supplier<T> client) {
    List<T> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(client.get());
      open.add(clients.getLast());
    }
    return clients;
  }

  private RawHttp2 http2(Socket socket, int window) {
    return new RawHttp2(socket, window);
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
    await().until(() -> proxy.server().meters().read().activeConnections() == 0);
  }

  @Test
  void headThatNeverEndsIsGivenUpThoughBytesKeepComing() throws IOException {
    serve(new TestBackend(SlowClientTest::answer));
    List<RawClient> clients = many(proxy::client);
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
    serve(new TestBackend(SlowClientTest::answer));
    byte[] hello =
        new ClientHello(ClientHello.TLS_1_3, List.of(0x1301), List.of(29), "a.test").bytes();
    List<RawClient> clients = many(() -> new RawClient(RawClient.open(proxy.https())));
    clients.forEach(it -> it.send(Arrays.copyOf(hello, hello.length / 2)));
    assertOthersAreServed();
    clients.forEach(it -> assertThat(it.isClosedByServer()).isTrue());
    awaitNoConnections();
  }

  @Test
  void bodyThatStopsIsGivenUpAndFreesTheBackend() {
    TestBackend backend = serve(new TestBackend(SlowClientTest::answer));
    List<RawClient> clients = many(proxy::client);
    clients.forEach(it -> it.send(POST));
    await().until(() -> backend.connections() >= CLIENTS);
    assertOthersAreServed();
    for (RawClient client : clients) {
      assertThat(client.read().status()).isEqualTo(408);
      assertThat(client.isClosedByServer()).isTrue();
    }
    await().until(() -> backend.openConnections() <= 2);
    awaitNoConnections();
  }

  @Test
  void bodyOfAStreamThatStopsIsGivenUpAndItsConnectionStays() {
    TestBackend backend = serve(new TestBackend(SlowClientTest::answer));
    RawHttp2 client = http2(tls(), 65_535);
    open.add(client);
    int stream = client.post("a.test", "content-length", "1000");
    client.data(stream, "some", 0);
    await().until(() -> backend.openConnections() == 1);
    assertThat(client.result(stream).status()).isEqualTo(408);
    assertThat(client.result(client.get("a.test", "/")).body()).isEqualTo("here");
  }

  @Test
  void answerThatNobodyTakesIsGivenUpAndFreesTheBackend() {
    TestBackend backend = serve(new TestBackend(SlowClientTest::answer));
    List<RawClient> clients = many(proxy::client).subList(0, 4);
    clients.forEach(it -> it.send("GET /big HTTP/1.1\r\n" + HOST + "\r\n"));
    await().until(() -> backend.openConnections() >= clients.size());
    assertOthersAreServed();
    await().until(() -> backend.openConnections() <= 2);
    awaitNoConnections();
  }

  /** A window of nothing: the answer is whole for the backend long before the client has it. */
  @Test
  void smallAnswerBehindAClosedWindowIsGivenUp() {
    serve(new TestBackend(SlowClientTest::answer));
    RawHttp2 client = http2(tls(), 0);
    open.add(client);
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
    TestBackend backend = serve(new TestBackend(SlowClientTest::answer));
    RawHttp2 client = http2(tls(), 0);
    open.add(client);
    int stream = client.get("a.test", "/big");
    assertThat(client.result(stream).reset()).isPositive();
    assertOthersAreServed();
    await().until(() -> backend.openConnections() <= 2);
    awaitNoConnections();
  }

  /** Its windows are wide open, but it never reads: neither data nor a reset nor a goodbye. */
  @Test
  void clientThatReadsNothingAtAllLosesItsConnection() throws IOException {
    TestBackend backend = serve(new TestBackend(SlowClientTest::answer));
    Socket socket = tls();
    socket.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
    RawHttp2 client = http2(socket, Integer.MAX_VALUE);
    open.add(client);
    client.widen(0, Integer.MAX_VALUE - 65_535);
    client.get("a.test", "/big");
    await().until(() -> backend.openConnections() == 1);
    assertOthersAreServed();
    await().until(() -> backend.openConnections() <= 2);
    awaitNoConnections();
  }

  /** The other client, whose own time runs out, is the clock. */
  @Test
  void onlyTheClientIsHurried() {
    CountDownLatch release = new CountDownLatch(1);
    TestBackend backend =
        serve(
            new TestBackend(
                connection -> {
                  String request = connection.readRequest();
                  awaitLatch(release);
                  connection.answer(request.isEmpty() ? "" : "late");
                }));
    RawClient patient = proxy.client();
    open.add(patient);
    patient.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 2\r\n\r\nhi");
    await().until(() -> backend.requests().size() == 1);
    assertThat(clock()).isEqualTo(408);
    release.countDown();
    assertThat(patient.read().body()).isEqualTo("late");
  }

  /** A call in which both sides talk: once the backend has begun, either may be silent. */
  @Test
  void openRequestMayBeSilentOnceItIsAnswered() {
    CountDownLatch release = new CountDownLatch(1);
    serve(
        new TestBackend(
            connection -> {
              connection.in().readNBytes(1);
              connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na");
              awaitLatch(release);
              connection.send("bc");
            }));
    RawClient talker = proxy.client();
    open.add(talker);
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
