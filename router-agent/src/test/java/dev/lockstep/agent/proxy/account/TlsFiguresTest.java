package dev.lockstep.agent.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.agent.proxy.TestTls;
import dev.lockstep.agent.proxy.TlsMeters;
import dev.lockstep.core.config.RouterConfig;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Handshakes are counted: by version, full or resumed, or by why they failed. */
class TlsFiguresTest {
  private final RunningProxy proxy = new RunningProxy();
  private final TlsMeters meters = proxy.server().meters().tls();
  private final Set<TlsMeters.Refusal> counts = EnumSet.noneOf(TlsMeters.Refusal.class);

  @BeforeEach
  void serve() {
    proxy.serve(Configs.tls(RouterConfig.EMPTY, "a.test", TestCertificate.of("a", "a.test")));
  }

  @AfterEach
  void stop() {
    proxy.close();
  }

  private SSLSocket connect(SSLContext context, String version) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(RawClient.open(proxy.https()), "peer", proxy.https().getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName("a.test")));
    parameters.setProtocols(new String[] {version});
    socket.setSSLParameters(parameters);
    return socket;
  }

  private void useOnce(SSLContext context, String version) throws IOException {
    try (RawClient client = new RawClient(connect(context, version))) {
      // Tickets come behind the handshake, with the first answer at the latest.
      client.get("a.test", "/");
    }
  }

  @Test
  void handshakesAreCountedByVersionAndKind() throws IOException {
    for (TlsMeters.Protocol protocol : TlsMeters.Protocol.values()) {
      SSLContext client = TestTls.trustingAll();
      useOnce(client, protocol.text());
      awaitCount(1, protocol, TlsMeters.Kind.FULL);
      useOnce(client, protocol.text());
      awaitCount(1, protocol, TlsMeters.Kind.RESUMED);
      awaitCount(1, protocol, TlsMeters.Kind.FULL);
    }
  }

  private void awaitCount(long count, TlsMeters.Protocol protocol, TlsMeters.Kind kind) {
    await(protocol + " " + kind).until(() -> meters.count(protocol, kind) == count);
  }

  private void awaitFailure(TlsMeters.Refusal why) {
    await()
        .untilAsserted(
            () -> {
              for (TlsMeters.Refusal each : TlsMeters.Refusal.values()) {
                boolean counted = each == why || counts.contains(each);
                assertThat(meters.count(each)).as(each.toString()).isEqualTo(counted ? 1 : 0);
              }
            });
    counts.add(why);
  }

  /** The certificate's key is of another kind. */
  private void offerOnly(String cipher) throws IOException {
    SSLSocket socket = connect(TestTls.trustingAll(), "TLSv1.2");
    try (socket) {
      socket.setEnabledCipherSuites(new String[] {cipher});
      socket.startHandshake();
    }
  }

  @Test
  void failuresAreCountedByReason() {
    assertThatThrownBy(() -> TestTls.connect(proxy.https(), "b.test"))
        .hasMessageContaining("unrecognized_name");
    awaitFailure(TlsMeters.Refusal.UNKNOWN_NAME);
    assertThatThrownBy(() -> offerOnly("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))
        .hasMessageContaining("handshake_failure");
    awaitFailure(TlsMeters.Refusal.PROTOCOL);
    proxy.refuse();
    assertThatThrownBy(() -> TestTls.connect(proxy.https(), "b.test"))
        .hasMessageContaining("internal_error");
    awaitFailure(TlsMeters.Refusal.NOT_READY);
  }
}
