package dev.lockstep.agent.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.LinkId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MeshTrustTest {
  private final List<TestReplica> open = new ArrayList<>();
  private TestReplica leader;
  private TestReplica follower;

  @BeforeEach
  void start() {
    leader = replica("leader", Settings.PATIENT);
    follower = replica("follower", Settings.PATIENT);
  }

  @AfterEach
  void stop() {
    open.forEach(TestReplica::close);
  }

  private TestReplica replica(String name, MeshSettings settings) {
    TestReplica replica = new TestReplica(name, settings);
    open.add(replica);
    return replica;
  }

  @Test
  void anotherKeyThanThePinnedOneNeverSeesTheToken() {
    String wrongPin = MeshIdentity.generate().spkiSha256();

    LinkId link = follower.connect(TestReplica.addressOf(leader.port, wrongPin));

    assertThat(follower.await(Event.LinkLost.class).link()).isEqualTo(link);
    assertThat(follower.shell.counters().pinMismatches()).isEqualTo(1);
    assertThat(leader.tokensSeen).isEmpty();
    assertThat(leader.events).isEmpty();
  }

  @Test
  void anImpostorReadsNothingAtAll() throws Exception {
    MeshIdentity impostor = MeshIdentity.generate();
    SSLContext tls = SSLContext.getInstance("TLSv1.3");
    tls.init(new KeyManager[] {impostor.key()}, null, new SecureRandom());
    try (SSLServerSocket listener =
        (SSLServerSocket)
            tls.getServerSocketFactory()
                .createServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      CompletableFuture<String> read = CompletableFuture.supplyAsync(() -> readAll(listener));

      follower.connect(
          TestReplica.addressOf(listener.getLocalPort(), leader.identity.spkiSha256()));

      follower.await(Event.LinkLost.class);
      assertThat(read.join()).isEmpty();
    }
  }

  private static String readAll(SSLServerSocket listener) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Socket socket = listener.accept()) {
      socket.getInputStream().transferTo(bytes);
    } catch (IOException ignored) {
      // The handshake fails: that is the point.
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void tokensThatProveNothingAreRefusedWithTheirReason() {
    record Case(String token, String reason, int reviews) {}
    List<Case> cases =
        List.of(
            new Case(TestReplica.tokenOf("stranger"), "refused with 401 another audience", 1),
            new Case(TestReplica.tokenOf("unlucky"), "refused with 503 API server away", 1),
            new Case(TestReplica.tokenOf("broken"), "refused with 503 ", 1),
            // Garbage costs no review.
            new Case("garbage", "refused with 401 no token of the right form", 0),
            new Case("a.b", "refused with 401", 0),
            new Case("a..c", "refused with 401", 0),
            new Case("a.b.", "refused with 401", 0),
            new Case("a.b.c.d", "refused with 401", 0),
            new Case("a.b!.c", "refused with 401", 0),
            new Case("", "refused with 401", 0),
            new Case("a." + "b".repeat(8_200) + ".c", "refused with", 0));
    for (Case bad : cases) {
      leader.tokensSeen.clear();
      follower.token = bad.token();

      LinkId link = follower.connect(leader.address());

      Event.LinkLost lost =
          follower.await(Event.LinkLost.class, event -> event.link().equals(link));
      assertThat(lost.reason()).as(bad.token()).contains(bad.reason());
      assertThat(leader.tokensSeen).as(bad.token()).hasSize(bad.reviews());
    }
    assertThat(leader.events).isEmpty();
    assertThat(leader.shell.counters().tokensRefused()).isEqualTo(9);
    assertThat(leader.shell.counters().tokensUnchecked()).isEqualTo(2);
  }

  @Test
  void theTokenIsReadAnewForEveryConnection() {
    follower.connected(leader.address());
    follower.token = "header.follower.rotated";
    follower.connected(leader.address());

    assertThat(leader.tokensSeen)
        .containsExactly(TestReplica.tokenOf("follower"), "header.follower.rotated");
  }

  @Test
  void aVerifierThatNeverAnswersIsGivenUp() {
    MeshSettings quick = Settings.with("verifyTimeout", Duration.ofMillis(200));
    TestReplica hasty = replica("hasty", quick);
    follower.token = TestReplica.tokenOf("endless");

    follower.connect(hasty.address());

    assertThat(follower.await(Event.LinkLost.class).reason()).contains("503");
    assertThat(hasty.shell.counters().tokensUnchecked()).isEqualTo(1);
  }

  @Test
  void aFloodOfTokensUnderCheckIsBounded() {
    TestReplica narrow = replica("narrow", Settings.with("maxUnverified", 2));
    follower.token = TestReplica.tokenOf("endless");
    follower.connect(narrow.address());
    follower.connect(narrow.address());
    await().until(() -> narrow.tokensSeen.size() == 2);

    LinkId third = follower.connect(narrow.address());

    Event.LinkLost lost = follower.await(Event.LinkLost.class, event -> event.link().equals(third));
    assertThat(lost.reason()).contains("503 too many tokens under check");
    assertThat(narrow.tokensSeen).hasSize(2);
    assertThat(narrow.shell.counters().busy()).isEqualTo(1);
  }

  @Test
  void aConnectionThatProvesNothingIsCut() throws Exception {
    MeshSettings quick = Settings.with("unverifiedTimeout", Duration.ofMillis(300));
    TestReplica strict = replica("strict", quick);
    try (SSLSocket socket = tlsSocket(strict.port, "TLSv1.3")) {
      socket.startHandshake();
      // One byte now and then would keep an idle time-out quiet: this one is a deadline.
      socket.getOutputStream().write('G');
      socket.getOutputStream().flush();

      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    } catch (SSLException e) {
      assertThat(e).hasMessageContaining("close");
    }
    await().untilAsserted(() -> assertThat(strict.shell.openConnections()).isZero());
  }

  @Test
  void moreConnectionsThanTheBoundAreTurnedAway() {
    TestReplica small = replica("small", Settings.with("maxConnections", 1));
    LinkId first = follower.connected(small.address());

    follower.connect(small.address());

    Event.LinkLost lost = follower.await(Event.LinkLost.class);
    assertThat(lost.link()).isNotEqualTo(first);
    assertThat(small.shell.counters().busy()).isEqualTo(1);
  }

  @Test
  void olderTlsIsRefused() throws Exception {
    try (SSLSocket socket = tlsSocket(leader.port, "TLSv1.2")) {
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
    }
  }

  @Test
  void otherPathsAndMethodsAreRefused() throws Exception {
    String link = "/mesh/v1/link";
    String bearer = "Authorization: Bearer " + TestReplica.tokenOf("follower") + "\r\n";
    assertThat(answer("GET /mesh/v2/link", bearer)).startsWith("HTTP/1.1 404");
    assertThat(answer("GET /", "")).startsWith("HTTP/1.1 404");
    assertThat(answer("POST " + link, bearer)).startsWith("HTTP/1.1 405");
    assertThat(answer("GET " + link, "")).startsWith("HTTP/1.1 401");
    assertThat(answer("GET " + link, bearer)).startsWith("HTTP/1.1 426");
    assertThat(answer("GET /mesh/v1/snapshots/" + "a".repeat(64), "")).startsWith("HTTP/1.1 401");
    assertThat(answer("GET /mesh/v1/snapshots/..%2fx", bearer)).startsWith("HTTP/1.1 400");
    assertThat(answer("GET /mesh/v1/snapshots/" + "a".repeat(64), bearer))
        .startsWith("HTTP/1.1 404");
    assertThat(leader.events).isEmpty();
  }

  private String answer(String requestLine, String headers) throws Exception {
    try (SSLSocket socket = tlsSocket(leader.port, "TLSv1.3")) {
      String request =
          requestLine + " HTTP/1.1\r\nHost: mesh\r\nConnection: close\r\n" + headers + "\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private SSLSocket tlsSocket(int port, String protocol) throws Exception {
    Pin pin = Pin.parse(pinOf(port)).orElseThrow();
    SSLContext tls = SSLContext.getInstance("TLS");
    TrustManager[] trust = {pin.trust("test", new MeshTally())};
    tls.init(null, trust, new SecureRandom());
    SSLSocket socket =
        (SSLSocket) tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setEnabledProtocols(new String[] {protocol});
    socket.setSoTimeout((int) TestReplica.PATIENCE.toMillis());
    return socket;
  }

  private String pinOf(int port) {
    return open.stream()
        .filter(replica -> replica.port == port)
        .findFirst()
        .orElseThrow()
        .identity
        .spkiSha256();
  }
}
