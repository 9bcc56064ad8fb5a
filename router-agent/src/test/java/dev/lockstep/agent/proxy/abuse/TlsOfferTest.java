package dev.lockstep.agent.proxy.abuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.RouterConfig;
import io.netty.handler.ssl.OpenSsl;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * All that the TLS ports agree to, no more and no less than Mozilla's "intermediate" of version 5.8
 * lists. Everything that has a number is offered; what the server chooses is taken away and the
 * rest offered again, until it refuses.
 */
class TlsOfferTest {
  private static final int SSL_3 = 0x0300;
  private static final int HANDSHAKE_FAILURE = 40;
  private static final int PROTOCOL_VERSION = 70;

  private static final int X25519_MLKEM768 = 0x11ec;
  private static final int X25519 = 29;
  private static final int P_256 = 23;
  private static final int P_384 = 24;

  /** All with a number below 0xd000, the two that say something else (SCSV) left out. */
  private static final List<Integer> SUITES =
      Stream.of(
              IntStream.rangeClosed(0x0000, 0x00fe),
              IntStream.rangeClosed(0x1301, 0x1307),
              IntStream.rangeClosed(0xc001, 0xc1ff),
              IntStream.rangeClosed(0xcc13, 0xccae))
          .flatMap(IntStream::boxed)
          .toList();

  /** Curves, finite fields, lattices, hybrids, and the draft that came before the hybrid. */
  private static final List<Integer> GROUPS =
      Stream.of(
              IntStream.rangeClosed(1, 41),
              IntStream.rangeClosed(256, 260),
              IntStream.rangeClosed(0x0200, 0x0202),
              IntStream.rangeClosed(0x11eb, 0x11ed),
              IntStream.of(0x6399, 0x639a))
          .flatMap(IntStream::boxed)
          .toList();

  private final RunningProxy proxy = new RunningProxy();

  @AfterEach
  void stop() {
    proxy.close();
  }

  private void serve(Certificate certificate) {
    proxy.serve(Configs.tls(RouterConfig.EMPTY, "a.test", certificate));
  }

  private ClientHello.Reply offer(int version, List<Integer> suites, List<Integer> groups) {
    return new ClientHello(version, suites, groups, "a.test").sendTo(proxy.https());
  }

  /** {@return all that is chosen of these, in that order} */
  private static List<Integer> chosen(
      List<Integer> offered,
      Function<List<Integer>, ClientHello.Reply> offer,
      Function<ClientHello.Reply.Agreed, Integer> choice) {
    List<Integer> left = new ArrayList<>(offered);
    List<Integer> chosen = new ArrayList<>();
    while (offer.apply(left) instanceof ClientHello.Reply.Agreed agreed) {
      chosen.add(choice.apply(agreed));
      assertThat(left.remove(choice.apply(agreed))).as("%s was offered", agreed).isTrue();
    }
    return chosen;
  }

  private List<Integer> suites(int version) {
    return chosen(SUITES, left -> offer(version, left, GROUPS), ClientHello.Reply.Agreed::suite);
  }

  @Test
  void onlyVersions12And13AreSpoken() {
    serve(TestCertificate.of("a", "a.test"));
    for (int version = SSL_3; version < ClientHello.TLS_1_2; version++) {
      assertThat(offer(version, SUITES, GROUPS))
          .as("version %x", version)
          .isEqualTo(new ClientHello.Reply.Refused(PROTOCOL_VERSION));
    }
    for (int version : new int[] {ClientHello.TLS_1_2, ClientHello.TLS_1_3}) {
      assertThat(offer(version, SUITES, GROUPS))
          .isInstanceOfSatisfying(
              ClientHello.Reply.Agreed.class,
              agreed -> assertThat(agreed.version()).isEqualTo(version));
    }
  }

  @Test
  void suitesAreThoseOfTheListForThisKindOfCertificate() {
    serve(TestCertificate.of("a", "a.test"));
    assertThat(suites(ClientHello.TLS_1_3)).containsExactlyInAnyOrder(0x1301, 0x1302, 0x1303);
    // ECDHE_ECDSA with AES-128-GCM, AES-256-GCM, ChaCha20-Poly1305.
    assertThat(suites(ClientHello.TLS_1_2)).containsExactlyInAnyOrder(0xc02b, 0xc02c, 0xcca9);
    serve(TestCertificate.ofRsa("a", "a.test"));
    assertThat(suites(ClientHello.TLS_1_3)).containsExactlyInAnyOrder(0x1301, 0x1302, 0x1303);
    // The same three with ECDHE_RSA.
    assertThat(suites(ClientHello.TLS_1_2)).containsExactlyInAnyOrder(0xc02f, 0xc030, 0xcca8);
  }

  /** The JDK's own TLS has no hybrid yet, and its groups are those of the whole process. */
  @Test
  void groupsAreThoseOfTheListAndBeginWithTheHybrid() {
    assumeTrue(OpenSsl.isAvailable(), "BoringSSL is not there");
    serve(TestCertificate.of("a", "a.test"));
    assertThat(
            chosen(
                GROUPS,
                left -> offer(ClientHello.TLS_1_3, SUITES, left),
                ClientHello.Reply.Agreed::group))
        .containsExactlyInAnyOrder(X25519_MLKEM768, X25519, P_256, P_384);
    assertThat(offer(ClientHello.TLS_1_3, SUITES, List.of(P_384, P_256, X25519, X25519_MLKEM768)))
        .isInstanceOfSatisfying(
            ClientHello.Reply.Agreed.class,
            agreed -> assertThat(agreed.group()).isEqualTo(X25519_MLKEM768));
    assertThat(offer(ClientHello.TLS_1_3, SUITES, List.of(256)))
        .isEqualTo(new ClientHello.Reply.Refused(HANDSHAKE_FAILURE));
  }
}
