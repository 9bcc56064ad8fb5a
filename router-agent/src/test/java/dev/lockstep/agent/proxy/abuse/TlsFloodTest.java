package dev.lockstep.agent.proxy.abuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.agent.proxy.TestTls;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.TlsBinding;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many names, names that nobody has, and hellos that are too large. */
class TlsFloodTest {
  private static final int NAMES = 5_000;

  /** Each for as many names. */
  private static final int CERTIFICATES = 100;

  private static final int VISITED = 50;
  private static final int UNKNOWN_NAMES = 1_000;
  private static final int UNRECOGNIZED_NAME = 112;
  private static final int RECORD = 0x4000;

  /** How a record begins that is as large as one may be, and in it a hello of 16 MiB. */
  private static final byte[] FIRST_OF_MANY = {22, 3, 1, RECORD >> 8, 0, 1, -1, -1, -1};

  private final TestBackend backend = TestBackend.saying("here");
  private final List<AutoCloseable> open = new ArrayList<>(List.of(backend));

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private RunningProxy started(RunningProxy proxy) {
    open.add(proxy);
    return proxy;
  }

  private RouterConfig oneName() {
    RouterConfig config = Configs.to("a.test", backend.endpoint());
    return Configs.tls(config, "a.test", TestCertificate.of("a", "a.test"));
  }

  private static String name(int number) {
    return "n" + number + ".test";
  }

  private RouterConfig manyNames() {
    RouterConfig config = RouterConfig.EMPTY;
    List<Certificate> certificates = new ArrayList<>();
    for (int i = 0; i < CERTIFICATES; i++) {
      certificates.add(TestCertificate.of("c" + i, "c" + i));
      config = config.with(certificates.getLast());
    }
    for (int i = 0; i < NAMES; i++) {
      Certificate.Id certificate = certificates.get(i % CERTIFICATES).id();
      config = config.with(new TlsBinding(name(i), certificate, Configs.origin()));
    }
    for (int i = 0; i < NAMES; i += NAMES / VISITED) {
      config = Configs.with(config, name(i), RoutePolicy.OPEN, backend.endpoint());
    }
    return config;
  }

  /** Where contexts are kept by name, in a cache, this falls to nothing beyond the cache's size. */
  @Test
  void sessionsAreResumedAtFiveThousandNames() throws IOException {
    RunningProxy proxy = started(new RunningProxy().serve(manyNames()));
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      SSLContext client = TestTls.trustingAll();
      List<Long> first = visits(proxy, client, version);
      assertThat(first).hasSize(VISITED);
      assertThat(visits(proxy, client, version)).as(version).isEqualTo(first);
    }
  }

  /** {@return when the session of each name was made} */
  private static List<Long> visits(RunningProxy proxy, SSLContext client, String version)
      throws IOException {
    List<Long> made = new ArrayList<>();
    for (int i = 0; i < NAMES; i += NAMES / VISITED) {
      SSLSocket socket = connect(proxy, client, name(i), version);
      try (RawClient visitor = new RawClient(socket)) {
        assertThat(visitor.get(name(i), "/").body()).isEqualTo("here");
        made.add(socket.getSession().getCreationTime());
      }
    }
    return made;
  }

  private static SSLSocket connect(
      RunningProxy proxy, SSLContext client, String name, String version) throws IOException {
    Socket plain = RawClient.open(proxy.https());
    plain.setSoTimeout(20_000);
    // The client keeps sessions by the name of the peer.
    SSLSocket socket =
        (SSLSocket) client.getSocketFactory().createSocket(plain, name, plain.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setProtocols(new String[] {version});
    parameters.setServerNames(List.of(new SNIHostName(name)));
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  @Test
  void namesThatNobodyHasAreRefusedOneByOneAndOthersAreServed() {
    RunningProxy proxy = started(new RunningProxy().serve(oneName()));
    ClientHello hello = new ClientHello(ClientHello.TLS_1_3, List.of(0x1301), List.of(29), "");
    try (RawClient other = new RawClient(TestTls.connect(proxy.https(), "a.test", "http/1.1"))) {
      for (int i = 0; i < UNKNOWN_NAMES; i++) {
        assertThat(hello.asking(name(i)).sendTo(proxy.https()))
            .isEqualTo(new ClientHello.Reply.Refused(UNRECOGNIZED_NAME));
        if (i % 100 == 0) {
          assertThat(other.get("a.test", "/").body()).isEqualTo("here");
        }
      }
      await().until(() -> proxy.server().meters().read().activeConnections() == 1);
    }
  }

  /** Its length alone decides: nobody waits for the rest of it. */
  @Test
  void helloOfSixteenMebibytesEndsTheConnectionAtOnce() {
    Duration never = Duration.ofMinutes(5);
    ProxySettings settings =
        RunningProxy.settings(
            new RunningProxy.Patience(never, never, never, never).timeouts(),
            ProxySettings.Limits.STANDARD);
    RunningProxy proxy = started(new RunningProxy(settings).serve(oneName()));
    byte[] begin = Arrays.copyOf(FIRST_OF_MANY, FIRST_OF_MANY.length + RECORD - 4);
    for (int i = 0; i < 100; i++) {
      try (RawClient client = new RawClient(RawClient.open(proxy.https()))) {
        assertThat(client.send(begin).isClosedByServer()).isTrue();
      }
    }
    try (RawClient other = new RawClient(TestTls.connect(proxy.https(), "a.test", "http/1.1"))) {
      assertThat(other.get("a.test", "/").body()).isEqualTo("here");
    }
  }
}
