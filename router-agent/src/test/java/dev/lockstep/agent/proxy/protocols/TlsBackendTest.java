package dev.lockstep.agent.proxy.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.agent.proxy.TestTls;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.BackendTls;
import dev.lockstep.core.config.BackendTls.Authorities;
import dev.lockstep.core.config.BackendTls.Known;
import dev.lockstep.core.config.BackendTls.Versions;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Backends that speak HTTP/1.1 over TLS: whom we believe, and what a connection is good for. */
class TlsBackendTest {
  private static final String NAME = "web.shop.svc";

  private final TestCertificate.Authority authority = TestCertificate.authority("ca");
  private final Authorities trusted = new Authorities(authority.pem());
  private final RunningProxy proxy = new RunningProxy();
  private final List<TestBackend> backends = new ArrayList<>();

  @AfterEach
  void stop() {
    proxy.close();
    backends.forEach(TestBackend::close);
  }

  private TestBackend start(TestBackend.Script script, TestBackend.Handshake handshake) {
    TestBackend backend = new TestBackend(script, handshake);
    backends.add(backend);
    return backend;
  }

  private TestBackend saying(String body, Certificate certificate) {
    return start(answering(body), TestTls.server(certificate, "http/1.1"));
  }

  private static TestBackend.Script answering(String body) {
    return connection -> {
      while (!connection.readRequest().isEmpty()) {
        connection.answer(body);
      }
    };
  }

  private void serve(TestBackend backend, BackendTls.Trust trust) {
    proxy.serve(config(backend, Versions.HTTP2_OR_HTTP1, trust, RoutePolicy.OPEN));
  }

  private static RouterConfig config(
      TestBackend backend, Versions versions, BackendTls.Trust trust, RoutePolicy policy) {
    Backend.Id id = new Backend.Id("shop", "web", "443");
    return RouterConfig.EMPTY
        .with(Configs.route("a.test", policy, Route.Action.Forward.to(id)))
        .with(new Backend(id, new BackendTls(versions, NAME, trust), List.of(backend.endpoint())));
  }

  private RawClient.Response get() {
    try (RawClient client = proxy.client()) {
      return client.get("a.test", "/");
    }
  }

  @Test
  void requestsShareAConnectionThatAsksForTheName() {
    Queue<String> names = new ConcurrentLinkedQueue<>();
    TestBackend.Handshake handshake =
        TestTls.server(TestCertificate.by(authority, NAME), "http/1.1");
    TestBackend backend =
        start(
            answering("ok"),
            plain -> {
              SSLSocket socket = (SSLSocket) handshake.begin(plain);
              ExtendedSSLSession session = (ExtendedSSLSession) socket.getSession();
              session.getRequestedServerNames().forEach(name -> names.add(name.toString()));
              return socket;
            });
    serve(backend, trusted);
    try (RawClient client = proxy.client()) {
      for (int i = 0; i < 5; i++) {
        assertThat(client.get("a.test", "/").body()).isEqualTo("ok");
      }
      client.send("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nbody");
      assertThat(client.read().body()).isEqualTo("ok");
    }
    assertThat(backend.connections()).isEqualTo(1);
    assertThat(names).hasSize(1).first().asString().contains(NAME);
    assertThat(backend.requests().getLast())
        .startsWith("POST / HTTP/1.1\r\nhost: a.test\r\n")
        .contains("x-forwarded-proto: http\r\n")
        .endsWith("\r\n\r\nbody");
  }

  /** RFC 9110 4.3.4. */
  @Test
  void onlyTheCertificateThatIsWantedIsBelieved() {
    record Case(String name, Certificate certificate, BackendTls.Trust trust, int status) {}
    TestCertificate.Authority other = TestCertificate.authority("ca");
    List<Case> cases =
        List.of(
            new Case("right", TestCertificate.by(authority, NAME), trusted, 200),
            new Case("wrong name", TestCertificate.by(authority, "b.shop.svc"), trusted, 502),
            new Case("expired", TestCertificate.expiredBy(authority, NAME), trusted, 502),
            new Case("another authority", TestCertificate.by(other, NAME), trusted, 502),
            new Case("self-signed", TestCertificate.of("s", NAME), trusted, 502),
            new Case("no public one", TestCertificate.by(authority, NAME), Known.PUBLIC, 502),
            new Case("anyone", TestCertificate.expiredBy(other, "x"), Known.ANYONE, 200));
    long refused = 0;
    for (Case row : cases) {
      TestBackend backend = saying(row.name, row.certificate);
      serve(backend, row.trust);
      assertThat(get().status()).as(row.name).isEqualTo(row.status);
      refused += row.status == 502 ? 1 : 0;
      assertThat(backend.requests()).as(row.name).hasSize(row.status == 502 ? 0 : 1);
      assertThat(proxy.server().meters().read().backendHandshakes().certificate())
          .as(row.name)
          .isEqualTo(refused);
    }
    assertThat(proxy.server().meters().read().backendConnectFailures()).isEqualTo(refused);
  }

  @Test
  void endpointThatDoesNotSpeakTlsIsABadGateway() {
    for (String greeting : List.of("", "HTTP/1.1 400 Bad Request\r\n\r\n")) {
      TestBackend backend = start(connection -> connection.send(greeting), plain -> plain);
      serve(backend, trusted);
      assertThat(get().status()).as(greeting).isEqualTo(502);
    }
    assertThat(proxy.server().meters().read().backendHandshakes().other()).isEqualTo(2);
  }

  @Test
  void handshakeThatHangsEndsWithTheConnectTimeout() {
    CountDownLatch over = new CountDownLatch(1);
    TestBackend backend = start(connection -> awaitQuietly(over), plain -> plain);
    RoutePolicy hasty = Configs.timeouts(Duration.ofMillis(300), Duration.ofSeconds(30));
    proxy.serve(config(backend, Versions.HTTP2_OR_HTTP1, trusted, hasty));
    assertThat(get().status()).isEqualTo(504);
    await().until(() -> proxy.server().meters().read().backendHandshakes().other() == 1);
    over.countDown();
  }

  private static void awaitQuietly(CountDownLatch over) {
    try {
      over.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Nothing was sent, so another endpoint may be asked, whatever the request is. */
  @Test
  void anotherEndpointIsAskedWhenAHandshakeFails() {
    TestBackend bad = saying("bad", TestCertificate.by(authority, "b.shop.svc"));
    TestBackend good = saying("good", TestCertificate.by(authority, NAME));
    Backend.Id id = new Backend.Id("shop", "web", "443");
    BackendTls tls = new BackendTls(Versions.HTTP1, NAME, trusted);
    List<Backend.Endpoint> both = List.of(bad.endpoint(), good.endpoint());
    proxy.serve(
        RouterConfig.EMPTY
            .with(Configs.route("a.test", RoutePolicy.OPEN, Route.Action.Forward.to(id)))
            .with(new Backend(id, tls, both)));
    try (RawClient client = proxy.client()) {
      for (int i = 0; i < 6; i++) {
        client.send("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\nx");
        assertThat(client.read().body()).isEqualTo("good");
      }
    }
  }

  @Test
  void connectionOfOldTrustServesNobodyAfterAChange() {
    TestBackend backend = saying("ok", TestCertificate.by(authority, NAME));
    serve(backend, trusted);
    try (RawClient client = proxy.client()) {
      assertThat(client.get("a.test", "/").status()).isEqualTo(200);
      serve(backend, new Authorities(TestCertificate.authority("new").pem()));
      assertThat(client.get("a.test", "/").status()).isEqualTo(502);
      serve(backend, trusted);
      assertThat(client.get("a.test", "/").status()).isEqualTo(200);
    }
  }

  /** Each who waits gets a connection of its own, and none waits for another's response. */
  @Test
  void slowResponsesDoNotHoldOthersUp() throws InterruptedException {
    int clients = 8;
    CountDownLatch all = new CountDownLatch(clients);
    TestBackend backend =
        start(
            connection -> {
              connection.readRequest();
              all.countDown();
              awaitQuietly(all);
              connection.answer("ok");
            },
            TestTls.server(TestCertificate.by(authority, NAME)));
    serve(backend, trusted);
    List<RawClient> open = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      open.add(proxy.client().send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"));
    }
    for (RawClient client : open) {
      assertThat(client.read().body()).isEqualTo("ok");
      client.close();
    }
  }

  /** A new connection to the same endpoint costs no full handshake. */
  @Test
  void sessionsAreResumed() {
    Queue<Long> sessions = new ConcurrentLinkedQueue<>();
    TestBackend.Handshake handshake =
        TestTls.server(TestCertificate.by(authority, NAME), "http/1.1");
    TestBackend backend =
        start(
            connection -> {
              connection.readRequest();
              connection.send(
                  "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
            },
            plain -> {
              SSLSocket socket = (SSLSocket) handshake.begin(plain);
              sessions.add(socket.getSession().getCreationTime());
              return socket;
            });
    serve(backend, trusted);
    for (int i = 0; i < 3; i++) {
      assertThat(get().body()).isEqualTo("ok");
    }
    assertThat(sessions).hasSize(3).containsOnly(sessions.peek());
  }

  /** RFC 9112 9.8: who cuts a connection could otherwise cut a response short unseen. */
  @Test
  void onlyAnEndThatTheBackendSaysEndsABody() {
    for (boolean said : new boolean[] {true, false}) {
      TestBackend.Handshake handshake = TestTls.server(TestCertificate.by(authority, NAME));
      Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
      TestBackend backend =
          start(
              connection -> {
                connection.readRequest();
                connection.send("HTTP/1.1 200 OK\r\n\r\nhalf");
                if (said) {
                  connection.socket().close();
                } else {
                  sockets.remove().close();
                }
              },
              plain -> {
                sockets.add(plain);
                return handshake.begin(plain);
              });
      serve(backend, trusted);
      try (RawClient client = proxy.client()) {
        client.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
        if (said) {
          assertThat(client.read().body()).isEqualTo("half");
        } else {
          assertThatThrownBy(client::read).hasMessageContaining("closed");
        }
      }
    }
  }

  @Test
  void webSocketPassesOverTls() throws IOException {
    for (Versions versions : Versions.values()) {
      TestBackend backend =
          start(
              connection -> {
                connection.readRequest();
                connection.send(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                        + "Upgrade: websocket\r\n\r\n");
                byte[] said = connection.in().readNBytes(5);
                connection.send(
                    "echo " + new String(said, java.nio.charset.StandardCharsets.US_ASCII));
              },
              TestTls.server(TestCertificate.by(authority, NAME), "http/1.1"));
      proxy.serve(config(backend, versions, trusted, RoutePolicy.OPEN));
      try (RawClient client = proxy.client()) {
        client.send(
            "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        assertThat(client.readHead().status()).isEqualTo(101);
        client.send("hello");
        assertThat(client.readN(10)).asString().isEqualTo("echo hello");
        assertThat(client.isClosedByServer()).isTrue();
      }
    }
  }

  @Test
  void authoritiesThatCannotBeReadRefuseTheConfig() {
    TestBackend backend = saying("ok", TestCertificate.by(authority, NAME));
    RouterConfig config =
        config(backend, Versions.HTTP1, new Authorities("no pem"), RoutePolicy.OPEN);
    proxy.assertRefuses(config, "backend shop/web:443");
  }
}
