package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Certificates by server name, and what a swap does to them. */
class TlsTest {
  private final TestBackend backend = TestBackend.saying("secure");
  private final RunningProxy proxy = new RunningProxy();

  @AfterEach
  void stop() {
    proxy.close();
    backend.close();
  }

  private RouterConfig routes(String... hosts) {
    RouterConfig config = RouterConfig.EMPTY;
    for (String host : hosts) {
      config = Configs.with(config, host, RoutePolicy.OPEN, backend.endpoint());
    }
    return config;
  }

  @Test
  void eachNameGetsItsOwnCertificate() throws IOException {
    RouterConfig config = routes("a.test", "x.example.com");
    config = Configs.tls(config, "a.test", TestCertificate.of("a", "a.test"));
    config = Configs.tls(config, "*.example.com", TestCertificate.of("w", "wild"));
    proxy.serve(config);
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      assertThat(subject(connect("a.test", version))).isEqualTo("CN=a.test");
      assertThat(subject(connect("x.example.com", version))).isEqualTo("CN=wild");
    }
    try (RawClient client = new RawClient(connect("x.example.com", "TLSv1.3"))) {
      assertThat(client.get("x.example.com", "/").body()).isEqualTo("secure");
      assertThat(backend.requests().getLast())
          .contains("x-forwarded-proto: https\r\n", "x-forwarded-port: 443\r\n");
    }
  }

  @Test
  void unknownNameGetsAnAlertAndNobodysCertificate() {
    proxy.serve(
        Configs.tls(routes("a.test", "b.test"), "a.test", TestCertificate.of("a", "a.test")));
    for (String name : List.of("b.test", "unknown.test", "x.a.test", "")) {
      assertThatThrownBy(() -> connect(name, "TLSv1.3"))
          .as(name)
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("unrecognized_name");
    }
  }

  /** What it would say of a name is what it knew before it was excluded, or nothing yet. */
  @Test
  void onlyWhoMayServeCallsANameUnknown() {
    proxy.refuse();
    assertThatThrownBy(() -> connect("a.test", "TLSv1.3"))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("internal_error");
    RunningProxy.await(proxy.server().admission(Admission.ACCEPT));
    proxy.serve(routes("a.test"));
    assertThatThrownBy(() -> connect("a.test", "TLSv1.3"))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("unrecognized_name");
    proxy.refuse();
    assertThatThrownBy(() -> connect("a.test", "TLSv1.3"))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("internal_error");
  }

  @Test
  void clientWithoutServerNameGetsTheDefault() throws IOException {
    RouterConfig config = routes("*");
    proxy.serve(Configs.tls(config, "*", TestCertificate.of("d", "default")));
    SSLSocket socket = connect("", "TLSv1.3");
    assertThat(subject(socket)).isEqualTo("CN=default");
    try (RawClient client = new RawClient(socket)) {
      assertThat(client.get("10.0.0.1", "/").body()).isEqualTo("secure");
    }
  }

  @Test
  void requestForAHostOfAnotherCertificateIsMisdirected() throws IOException {
    RouterConfig config = routes("a.test", "b.test", "plain.test");
    config = Configs.tls(config, "a.test", TestCertificate.of("a", "a.test"));
    config = Configs.tls(config, "b.test", TestCertificate.of("b", "b.test"));
    proxy.serve(config);
    try (RawClient client = new RawClient(connect("a.test", "TLSv1.3"))) {
      assertThat(client.get("a.test", "/").status()).isEqualTo(200);
      assertThat(client.get("b.test", "/").status()).isEqualTo(421);
      assertThat(client.get("plain.test", "/").status()).isEqualTo(421);
      assertThat(client.get("a.test", "/").status()).isEqualTo(200);
    }
  }

  @Test
  void swapReplacesTheCertificateForNewHandshakesAndCutsNoConnection() throws IOException {
    RouterConfig config = routes("a.test");
    proxy.serve(Configs.tls(config, "a.test", TestCertificate.of("a", "old")));
    try (RawClient open = new RawClient(connect("a.test", "TLSv1.3"))) {
      assertThat(open.get("a.test", "/").status()).isEqualTo(200);
      proxy.serve(Configs.tls(config, "a.test", TestCertificate.of("a", "new")));
      assertThat(subject(connect("a.test", "TLSv1.3"))).isEqualTo("CN=new");
      assertThat(open.get("a.test", "/").status()).isEqualTo(200);
      proxy.serve(config);
      assertThatThrownBy(() -> connect("a.test", "TLSv1.3")).isInstanceOf(SSLException.class);
      assertThat(open.get("a.test", "/").status()).isEqualTo(421);
    }
  }

  /** Rule P51. */
  @Test
  void sessionsAreResumedUntilTheCertificateIsReplaced() throws IOException {
    RouterConfig config = routes("a.test");
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      proxy.serve(Configs.tls(config, "a.test", TestCertificate.of("a", "old")));
      SSLContext client = TestTls.trustingAll();
      SSLSession first = useOnce(client, version);
      SSLSession second = useOnce(client, version);
      assertThat(second.getCreationTime()).as(version).isEqualTo(first.getCreationTime());
      proxy.serve(Configs.tls(config, "a.test", TestCertificate.of("a", "new")));
      SSLSocket after = connect(client, "a.test", version);
      assertThat(subject(after)).as(version).isEqualTo("CN=new");
      after.close();
    }
  }

  private SSLSession useOnce(SSLContext context, String version) throws IOException {
    SSLSocket socket = connect(context, "a.test", version);
    try (RawClient client = new RawClient(socket)) {
      client.get("a.test", "/");
      return socket.getSession();
    }
  }

  @Test
  void keysInAllFormsOfSecretsAreRead() throws IOException {
    proxy.serve(
        Configs.tls(routes("a.test"), "a.test", TestCertificate.of("a", "sec1", "EC PRIVATE KEY")));
    assertThat(subject(connect("a.test", "TLSv1.3"))).isEqualTo("CN=sec1");
  }

  @Test
  void certificateThatCannotBeServedRefusesTheConfigAndTheOldOneStays() throws IOException {
    RouterConfig good = Configs.tls(routes("a.test"), "a.test", TestCertificate.of("a", "good"));
    proxy.serve(good);
    Certificate one = TestCertificate.of("b", "one");
    Certificate other = TestCertificate.of("b", "other");
    for (Certificate bad :
        List.of(
            new Certificate(one.id(), one.chainPem(), other.privateKey(), one.fingerprint()),
            new Certificate(one.id(), "no pem", one.privateKey(), one.fingerprint()),
            new Certificate(
                one.id(), one.chainPem(), new Certificate.PrivateKey("x"), one.fingerprint()))) {
      RouterConfig config = Configs.tls(good.without("route/none"), "b.test", bad);
      proxy.assertRefuses(config, "certificate shop/b");
    }
    assertThat(subject(connect("a.test", "TLSv1.3"))).isEqualTo("CN=good");
  }

  /**
   * A client of its own each time: a Java client that resumes asks for the name it asked before.
   */
  private SSLSocket connect(String serverName, String version) throws IOException {
    return connect(TestTls.trustingAll(), serverName, version);
  }

  private SSLSocket connect(SSLContext client, String serverName, String version)
      throws IOException {
    InetSocketAddress address = proxy.https();
    Socket plain = new Socket(InetAddress.getLoopbackAddress(), address.getPort());
    plain.setSoTimeout(10_000);
    SSLSocket socket =
        (SSLSocket) client.getSocketFactory().createSocket(plain, "peer", address.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setProtocols(new String[] {version});
    parameters.setServerNames(
        serverName.isEmpty() ? List.of() : List.of(new SNIHostName(serverName)));
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private static String subject(SSLSocket socket) throws IOException {
    X509Certificate leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
    return leaf.getSubjectX500Principal().getName();
  }
}
