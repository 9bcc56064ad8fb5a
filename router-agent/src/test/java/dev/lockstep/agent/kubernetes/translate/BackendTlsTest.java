package dev.lockstep.agent.kubernetes.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.kubernetes.parse.SourceKind;
import dev.lockstep.agent.kubernetes.parse.TestCertificates;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.BackendTls;
import dev.lockstep.core.config.BackendTls.Authorities;
import dev.lockstep.core.config.BackendTls.Known;
import dev.lockstep.core.config.BackendTls.Versions;
import dev.lockstep.core.protocol.Observation.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Services whose ports speak TLS, and the Secrets that say whom to believe. */
final class BackendTlsTest {
  private static final String OLD = TestCertificates.issue("EC", "old").certificatePem();
  private static final String NEW = TestCertificates.issue("EC", "new").certificatePem();
  private static final Backend.Id WEB = new Backend.Id("a", "web", "80");
  private static final BackendTls.Trust OLD_TRUST = new Authorities(OLD);

  private static World world(String appProtocol, String... annotations) {
    return new World()
        .ingress("a/shop", "shop.test", "/", "web")
        .slice("a/web-1", "web", "10.0.0.1")
        .tlsService("a/web", appProtocol, annotations);
  }

  private static Backend backend(World world) {
    return world.config().backend(WEB).orElseThrow();
  }

  private static String problem(World world) {
    return world.said(SourceKind.INGRESS, "a/shop").reason();
  }

  @Test
  void annotationsSayWhomToBelieve() {
    record Case(String appProtocol, List<String> annotations, Backend.Protocol expected) {}
    String own = "web.a.svc";
    List<Case> cases =
        List.of(
            new Case("https", List.of("ca: ca"), tls(Versions.HTTP2_OR_HTTP1, own, OLD_TRUST)),
            new Case("HTTPS", List.of("ca: ca"), tls(Versions.HTTP2_OR_HTTP1, own, OLD_TRUST)),
            new Case("kubernetes.io/wss", List.of("ca: ca"), tls(Versions.HTTP1, own, OLD_TRUST)),
            new Case(
                "https",
                List.of("ca: ca", "server-name: Shop.Test", "verify: 'on'"),
                tls(Versions.HTTP2_OR_HTTP1, "shop.test", OLD_TRUST)),
            new Case(
                "https",
                List.of("server-name: shop.test"),
                tls(Versions.HTTP2_OR_HTTP1, "shop.test", Known.PUBLIC)),
            new Case(
                "https", List.of("verify: 'off'"), tls(Versions.HTTP2_OR_HTTP1, own, Known.ANYONE)),
            new Case("http", List.of("ca: ca"), Backend.Cleartext.HTTP1),
            new Case("kubernetes.io/ws", List.of(), Backend.Cleartext.HTTP1));
    for (Case row : cases) {
      World world = world(row.appProtocol, row.annotations.toArray(String[]::new));
      Backend backend = backend(world.authority("a/ca", OLD).settle());
      assertThat(backend.protocol()).as(row.toString()).isEqualTo(row.expected);
      assertThat(backend.endpoints()).as(row.toString()).hasSize(1);
      assertThat(problem(world)).as(row.toString()).isEmpty();
    }
  }

  private static BackendTls tls(Versions versions, String name, BackendTls.Trust trust) {
    return new BackendTls(versions, name, trust);
  }

  /** There is no default that believes everybody, and no way back to cleartext. */
  @Test
  void whoCannotBeVerifiedIsNotAsked() {
    record Case(List<String> annotations, String reason) {}
    List<Case> cases =
        List.of(
            new Case(List.of(), "nothing says whose certificate it has"),
            new Case(List.of("ca: missing"), "there is no secret a/missing"),
            new Case(List.of("ca: 'b/ca'"), "no name of a Secret"),
            new Case(List.of("ca: empty"), "ca.crt: missing"),
            new Case(List.of("ca: broken"), "ca.crt: is no PEM"),
            new Case(List.of("ca: ca", "server-name: 'a b'"), "is no host name"),
            new Case(List.of("ca: ca", "server-name: '*.a'"), "is no host name"),
            new Case(List.of("verify: maybe"), "expected: on or off"),
            new Case(List.of("verify: 'off'", "ca: ca"), "there are authorities, but"));
    for (Case row : cases) {
      World world =
          world("https", row.annotations.toArray(String[]::new))
              .authority("a/ca", OLD)
              .authority("a/empty", "")
              .authority("a/broken", "-----BEGIN CERTIFICATE-----\nx")
              .settle();
      assertThat(backend(world).endpoints()).as(row.toString()).isEmpty();
      assertThat(problem(world)).as(row.toString()).contains("service a/web", row.reason);
    }
  }

  @Test
  void authoritiesFollowTheirSecret() {
    World world = world("https", "ca: ca").settle();
    assertThat(backend(world).endpoints()).isEmpty();
    world.authority("a/ca", OLD).settle();
    assertThat(trust(world)).isEqualTo(OLD_TRUST);
    assertThat(world.said(SourceKind.SECRET, "a/ca").verdict()).isEqualTo(Verdict.ROUTED);
    world.authority("a/ca", OLD + NEW).settle();
    assertThat(trust(world)).isEqualTo(new Authorities(OLD + NEW));
    assertThat(world.config().digest().hex()).isEqualTo(world.fromScratch());
    world.delete(SourceKind.SECRET, "a/ca").settle();
    assertThat(backend(world).endpoints()).isEmpty();
    assertThat(problem(world)).contains("there is no secret a/ca");
  }

  @Test
  void badSecretKeepsTheLastGoodAuthoritiesOverATakeOver() {
    World world = world("https", "ca: ca").authority("a/ca", OLD).settle();
    world.authority("a/ca", "-----BEGIN CERTIFICATE-----\nx").settle();
    assertThat(trust(world)).isEqualTo(OLD_TRUST);
    assertThat(problem(world)).contains("is no PEM", "last good form serves");
    assertThat(world.said(SourceKind.SECRET, "a/ca").verdict()).isEqualTo(Verdict.QUARANTINED);
    world.failOver();
    assertThat(trust(world)).isEqualTo(OLD_TRUST);
    assertThat(backend(world).endpoints()).hasSize(1);
    world.authority("a/ca", NEW).settle();
    assertThat(trust(world)).isEqualTo(new Authorities(NEW));
    assertThat(problem(world)).isEmpty();
  }

  @Test
  void nobodyBelievesTheSecretOfAnotherNamespace() {
    World world = world("https", "ca: ca").authority("b/ca", OLD).settle();
    assertThat(backend(world).endpoints()).isEmpty();
  }

  @Test
  void secretThatIsNeededNoLongerIsForgotten() {
    World world = world("https", "ca: ca").authority("a/ca", OLD).settle();
    world.tlsService("a/web", "https", "verify: 'off'").settle();
    assertThat(trust(world)).isEqualTo(Known.ANYONE);
    assertThat(world.said(SourceKind.SECRET, "a/ca").verdict()).isEqualTo(Verdict.IGNORED);
  }

  private static BackendTls.Trust trust(World world) {
    return ((BackendTls) backend(world).protocol()).trust();
  }
}
