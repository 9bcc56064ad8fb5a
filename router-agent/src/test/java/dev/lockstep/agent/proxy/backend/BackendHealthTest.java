package dev.lockstep.agent.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.BackendMeters;
import dev.lockstep.agent.proxy.BackendSettings;
import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.health.Recovery;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backends that fail and return, over real sockets, on one event loop. */
class BackendHealthTest {
  private static final Duration QUICK = Duration.ofMillis(50);
  private static final Duration NEVER = Duration.ofHours(1);

  private static final int FAILURES = 3;

  private static RunningProxy proxy(Duration delay) {
    return RunningProxy.with(
        RunningProxy.backends(Recovery.of(FAILURES, delay, delay), BackendSettings.Bound.NONE));
  }

  private static TestBackend failing(AtomicBoolean fails, String body) {
    return new TestBackend(
        connection -> {
          while (!connection.readRequest().isEmpty()) {
            if (fails.get()) {
              connection.send("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
            } else {
              connection.answer(body);
            }
          }
        });
  }

  private static BackendMeters meters(RunningProxy proxy) {
    return proxy.server().meters().backends();
  }

  @Test
  void endpointThatAnswersWithErrorsIsLeftAlone() {
    try (RunningProxy proxy = proxy(NEVER);
        TestBackend bad = failing(new AtomicBoolean(true), "");
        TestBackend good = TestBackend.saying("good");
        RawClient client = proxy.client()) {
      proxy.serve(Configs.to("a.test", bad.endpoint(), good.endpoint()));
      for (int i = 0; i < 40; i++) {
        client.get("a.test", "/");
      }
      assertThat(bad.requests()).hasSize(FAILURES);
      assertThat(good.requests()).hasSize(40 - FAILURES);
      assertThat(meters(proxy).read().ejected()).isEqualTo(1);
      assertThat(meters(proxy).out())
          .singleElement()
          .satisfies(
              it -> {
                assertThat(it.name().port()).isEqualTo(bad.endpoint().port());
                assertThat(it.ejected()).isEqualTo(1);
                assertThat(it.dead()).isZero();
              });
    }
  }

  /** No error in any of these answers, and yet nobody can use them. */
  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "late"})
  void answersThatBreakOffOrAreLateCountAsFailures(String answer) {
    try (RunningProxy proxy = proxy(NEVER);
        TestBackend bad = new TestBackend(connection -> answerOnce(connection, answer));
        TestBackend good = TestBackend.saying("good")) {
      RoutePolicy policy = Configs.timeouts(Duration.ofSeconds(5), Duration.ofMillis(300));
      proxy.serve(
          Configs.with(RouterConfig.EMPTY, "a.test", policy, bad.endpoint(), good.endpoint()));
      for (int i = 0; i < 20; i++) {
        try (RawClient client = proxy.client()) {
          client.send("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
          assertThat(client.isClosedByServer()).as("request %d", i).isTrue();
        }
      }
      assertThat(bad.requests()).hasSize(FAILURES);
      assertThat(meters(proxy).read().ejected()).isEqualTo(1);
    }
  }

  private static void answerOnce(TestBackend.Connection connection, String answer)
      throws IOException {
    connection.readRequest();
    if (answer.equals("late")) {
      connection.readRequest(); // Until the router gives up.
    } else {
      connection.send(answer);
    }
  }

  @Test
  void ejectedEndpointIsBackAfterAGoodTrial() {
    AtomicBoolean fails = new AtomicBoolean(true);
    try (RunningProxy proxy = proxy(QUICK);
        TestBackend bad = failing(fails, "back");
        TestBackend good = TestBackend.saying("good");
        RawClient client = proxy.client()) {
      proxy.serve(Configs.to("a.test", bad.endpoint(), good.endpoint()));
      await()
          .until(() -> client.get("a.test", "/").status() == 500 && !meters(proxy).out().isEmpty());
      fails.set(false);
      await().until(() -> client.get("a.test", "/").body().equals("back"));
      assertThat(meters(proxy).out()).isEmpty();
      assertThat(meters(proxy).read().returned()).isEqualTo(1);
      Set<String> two = new TreeSet<>();
      two.add(client.get("a.test", "/").body());
      two.add(client.get("a.test", "/").body());
      assertThat(two).containsExactly("back", "good");
    }
  }

  /** It might be the requests: a backend is never made smaller than half of itself. */
  @Test
  void whenTooManyFailAllAreUsed() {
    try (RunningProxy proxy = proxy(NEVER);
        TestBackend one = failing(new AtomicBoolean(true), "");
        TestBackend other = failing(new AtomicBoolean(true), "");
        TestBackend third = TestBackend.saying("good");
        RawClient client = proxy.client()) {
      proxy.serve(Configs.to("a.test", one.endpoint(), other.endpoint(), third.endpoint()));
      for (int i = 0; i < 60; i++) {
        client.get("a.test", "/");
      }
      assertThat(one.requests()).hasSizeGreaterThan(10);
      assertThat(other.requests()).hasSizeGreaterThan(10);
      assertThat(third.requests()).hasSizeLessThan(40);
    }
  }

  @Test
  void onlyEndpointIsUsedWhateverItAnswers() {
    AtomicBoolean fails = new AtomicBoolean(true);
    try (RunningProxy proxy = proxy(NEVER);
        TestBackend only = failing(fails, "better");
        RawClient client = proxy.client()) {
      proxy.serve(Configs.to("a.test", only.endpoint()));
      for (int i = 0; i < 20; i++) {
        assertThat(client.get("a.test", "/").status()).isEqualTo(500);
      }
      fails.set(false);
      assertThat(client.get("a.test", "/").body()).isEqualTo("better");
    }
  }

  @Test
  void deadEndpointCostsNoRequestAnAttemptAndIsBackWithoutOne() throws IOException {
    TestBackend gone = TestBackend.saying("dead");
    Backend.Endpoint place = gone.endpoint();
    gone.close();
    try (RunningProxy proxy = proxy(QUICK);
        TestBackend alive = TestBackend.saying("alive");
        RawClient client = proxy.client()) {
      proxy.serve(Configs.to("a.test", place, alive.endpoint()));
      await()
          .until(
              () -> {
                assertThat(client.get("a.test", "/").body()).isEqualTo("alive");
                return !meters(proxy).out().isEmpty();
              });
      long retries = proxy.server().meters().read().retries();
      assertThat(retries).isEqualTo(FAILURES);
      await().until(() -> meters(proxy).read().probes() >= 3);
      for (int i = 0; i < 20; i++) {
        assertThat(client.get("a.test", "/").body()).isEqualTo("alive");
      }
      assertThat(proxy.server().meters().read().retries()).isEqualTo(retries);
      try (ServerSocket back = listen(place.port())) {
        try (Socket probe = back.accept()) {
          // Nobody has sent a request: the probe is what brings it back.
          await().until(() -> meters(proxy).out().isEmpty());
          assertThat(probe.getInputStream().available()).isZero();
        }
      }
    }
  }

  private static ServerSocket listen(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
    return socket;
  }

  /** A listener whose backlog is full: attempts to connect hang, as to a lost node. */
  private static final class BlackHole implements AutoCloseable {
    private final ServerSocket server;
    private final List<Socket> filling = new ArrayList<>();

    BlackHole() {
      try {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        boolean full = false;
        while (!full) {
          full = !fill();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private boolean fill() throws IOException {
      Socket socket = new Socket();
      filling.add(socket);
      try {
        socket.connect(server.getLocalSocketAddress(), 200);
        return true;
      } catch (java.net.SocketTimeoutException e) {
        return false;
      }
    }

    Backend.Endpoint endpoint() {
      return new Backend.Endpoint(
          "hole.localhost", server.getLocalPort(), Backend.Endpoint.State.READY);
    }

    @Override
    public void close() {
      try {
        server.close();
        for (Socket each : filling) {
          each.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The route would wait half a minute for it; the test would end long before. */
  @Test
  void requestsDoNotWaitForABlackHoleWhileAnotherEndpointLives() {
    try (RunningProxy proxy = proxy(NEVER);
        BlackHole hole = new BlackHole();
        TestBackend alive = TestBackend.saying("alive");
        RawClient client = proxy.client()) {
      RoutePolicy slow = Configs.timeouts(Duration.ofSeconds(30), Duration.ofSeconds(30));
      proxy.serve(
          Configs.with(RouterConfig.EMPTY, "a.test", slow, hole.endpoint(), alive.endpoint()));
      for (int i = 0; i < 20; i++) {
        assertThat(client.get("a.test", "/").body()).isEqualTo("alive");
      }
      assertThat(meters(proxy).read().died()).isEqualTo(1);
      assertThat(proxy.server().meters().read().retries()).isEqualTo(FAILURES);
    }
  }

  /** One at most waits for each dead endpoint; the others are told at once. */
  @Test
  void requestsFailAtOnceWhenNoEndpointCanBeReached() throws IOException {
    try (RunningProxy proxy = proxy(NEVER);
        BlackHole hole = new BlackHole();
        RawClient one = proxy.client();
        RawClient other = proxy.client()) {
      RoutePolicy quick = Configs.timeouts(Duration.ofMillis(100), Duration.ofSeconds(30));
      proxy.serve(Configs.with(RouterConfig.EMPTY, "a.test", quick, hole.endpoint()));
      for (int i = 0; i < FAILURES; i++) {
        assertThat(one.get("a.test", "/").status()).isEqualTo(504);
      }
      RoutePolicy slow = Configs.timeouts(Duration.ofSeconds(30), Duration.ofSeconds(30));
      proxy.serve(Configs.with(RouterConfig.EMPTY, "a.test", slow, hole.endpoint()));
      one.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
      other.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
      await().until(() -> isAnswered(one) || isAnswered(other));
      RawClient.Response refused = (isAnswered(one) ? one : other).read();
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.field("retry-after")).isPresent();
      assertThat(isAnswered(one) && isAnswered(other)).isFalse();
    }
  }

  private static boolean isAnswered(RawClient client) throws IOException {
    return client.socket().getInputStream().available() > 0;
  }

  /** As when the only pod of a Service starts anew: nobody waits for the next probe. */
  @Test
  void endpointThatReturnsInTheConfigIsTriedAtOnce() throws IOException {
    TestBackend gone = TestBackend.saying("dead");
    Backend.Endpoint place = gone.endpoint();
    gone.close();
    try (RunningProxy proxy = proxy(NEVER);
        RawClient client = proxy.client()) {
      proxy.serve(Configs.to("a.test", place));
      for (int i = 0; i < 2 * FAILURES; i++) {
        assertThat(client.get("a.test", "/").status()).isEqualTo(502);
      }
      assertThat(meters(proxy).out()).hasSize(1);
      proxy.serve(Configs.to("a.test"));
      assertThat(client.get("a.test", "/").status()).isEqualTo(503);
      try (ServerSocket back = listen(place.port())) {
        proxy.serve(Configs.to("a.test", place));
        client.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
        try (Socket socket = back.accept()) {
          socket
              .getOutputStream()
              .write(
                  "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nback"
                      .getBytes(StandardCharsets.US_ASCII));
          assertThat(client.read().body()).isEqualTo("back");
        }
      }
      assertThat(meters(proxy).out()).isEmpty();
    }
  }

  @Test
  void endpointThatIsRemovedGetsNothingNewAndFinishesWhatItHas() {
    CompletableFuture<Void> removed = new CompletableFuture<>();
    try (RunningProxy proxy = proxy(NEVER);
        TestBackend old =
            new TestBackend(
                connection -> {
                  connection.readRequest();
                  connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
                  removed.join();
                  connection.send(" part");
                  connection.readRequest();
                });
        TestBackend next = TestBackend.saying("next");
        RawClient slow = proxy.client();
        RawClient client = proxy.client()) {
      proxy.serve(Configs.to("a.test", old.endpoint()));
      slow.send("GET /slow HTTP/1.1\r\nHost: a.test\r\n\r\n");
      slow.readUntil("first");
      proxy.serve(Configs.to("a.test", next.endpoint()));
      for (int i = 0; i < 20; i++) {
        assertThat(client.get("a.test", "/").body()).isEqualTo("next");
      }
      assertThat(old.requests()).hasSize(1);
      removed.complete(null);
      assertThat(new String(slow.readN(5), StandardCharsets.US_ASCII)).isEqualTo(" part");
      await().until(() -> old.openConnections() == 0);
    }
  }
}
