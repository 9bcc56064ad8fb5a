package dev.lockstep.agent.kubernetes.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.kubernetes.parse.SourceKind;
import dev.lockstep.agent.kubernetes.parse.TestCertificates;
import dev.lockstep.agent.kubernetes.parse.TestCertificates.Issued;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Observation.Verdict;
import org.junit.jupiter.api.Test;

/** One bad object stops nobody, and what was good of it goes on. */
final class QuarantineTest {
  private static final Issued OLD = TestCertificates.issue("EC", "old");
  private static final Issued NEW = TestCertificates.issue("EC", "new");
  private static final String TLS =
      """
      ingressClassName: lockstep
      tls: [{hosts: [shop.test], secretName: shop}]
      defaultBackend: {service: {name: web, port: {number: 80}}}
      """;

  @Test
  void theLastGoodFormGoesOn() {
    World world =
        new World()
            .app("a/web", "domains: shop.test", "whitelist: 10.0.0.0/8")
            .settle()
            .app("a/web", "domains: 'shop.test,more.test'", "whitelist: office")
            .ingress("b/other", "other.test", "/", "b")
            .settle();
    assertThat(world.served("shop.test")).isEqualTo("/ -> a/web:80 only [10.0.0.0/8]");
    assertThat(world.served("more.test")).isEmpty();
    assertThat(world.served("other.test")).isEqualTo("/ -> b/b:80");
    Observation said = world.said(SourceKind.SERVICE, "a/web");
    assertThat(said.verdict()).isEqualTo(Verdict.QUARANTINED);
    assertThat(said.reason()).contains("'office'").contains("its last good form serves");
    assertThat(world.complaints())
        .extracting(Translation.Complaint::kind)
        .contains(Translation.Kind.QUARANTINED);
  }

  @Test
  void theLastGoodFormGoesOnAcrossAFailOver() {
    World world =
        new World()
            .app("a/web", "domains: shop.test", "whitelist: 10.0.0.0/8")
            .settle()
            .app("a/web", "domains: shop.test", "whitelist: office")
            .settle();
    String before = world.config().digest().hex();
    assertThat(world.failOver().config().digest().hex()).isEqualTo(before);
    assertThat(world.served("shop.test")).isEqualTo("/ -> a/web:80 only [10.0.0.0/8]");
  }

  @Test
  void withoutALastGoodFormABadWhitelistLetsNobodyIn() {
    World world = new World().app("a/web", "domains: shop.test", "whitelist: office").settle();
    assertThat(world.served("shop.test")).isEqualTo("/ -> a/web:80 only []");
    assertThat(world.said(SourceKind.SERVICE, "a/web").reason()).contains("nobody may come in");
  }

  @Test
  void aNewObjectDoesNotInheritFromItsNamesake() {
    World world =
        new World()
            .app("a/web", "domains: shop.test", "whitelist: 10.0.0.0/8")
            .settle()
            .delete(SourceKind.SERVICE, "a/web")
            .app("a/web", "domains: shop.test", "whitelist: office")
            .settle();
    assertThat(world.served("shop.test")).isEqualTo("/ -> a/web:80 only []");
  }

  @Test
  void aMendedObjectServesAgain() {
    World world =
        new World()
            .app("a/web", "domains: shop.test", "maintenance: perhaps")
            .settle()
            .app("a/web", "domains: shop.test")
            .settle();
    assertThat(world.served("shop.test")).isEqualTo("/ -> a/web:80");
    assertThat(world.said(SourceKind.SERVICE, "a/web").verdict()).isEqualTo(Verdict.ROUTED);
    assertThat(world.said(SourceKind.SERVICE, "a/web").reason()).doesNotContain("maintenance");
  }

  @Test
  void aBadSecretKeepsTheLastGoodCertificate() {
    World world = new World().ingress("a/web", TLS).secret("a/shop", OLD).settle();
    assertThat(fingerprint(world)).isEqualTo(OLD.certificatePem());
    world.secret("a/shop", NEW.certificatePem(), OLD.keyPem()).settle();
    assertThat(fingerprint(world)).isEqualTo(OLD.certificatePem());
    Observation said = world.said(SourceKind.SECRET, "a/shop");
    assertThat(said.verdict()).isEqualTo(Verdict.QUARANTINED);
    assertThat(said.reason()).contains("does not belong").contains("last good certificate");
    assertThat(world.said(SourceKind.INGRESS, "a/web").reason()).contains("does not belong");
    assertThat(fingerprint(world.failOver())).isEqualTo(OLD.certificatePem());
    assertThat(fingerprint(world.secret("a/shop", NEW).settle())).isEqualTo(NEW.certificatePem());
    assertThat(world.said(SourceKind.INGRESS, "a/web").reason()).doesNotContain("belong");
  }

  @Test
  void aMissingSecretCostsTlsAlone() {
    World world = new World().ingress("a/web", TLS).settle();
    assertThat(world.served("*")).isEqualTo("/ -> a/web:80");
    assertThat(world.certificate("shop.test")).isEmpty();
    assertThat(world.said(SourceKind.INGRESS, "a/web").reason()).contains("no secret a/shop");
    assertThat(fingerprint(world.secret("a/shop", OLD).settle())).isEqualTo(OLD.certificatePem());
    world.delete(SourceKind.SECRET, "a/shop").settle();
    assertThat(world.certificate("shop.test")).isEmpty();
    assertThat(world.config().certificate(new Certificate.Id("a", "shop"))).isEmpty();
    // What was deleted does not come back with a bad successor.
    world.secret("a/shop", "", "").settle();
    assertThat(world.certificate("shop.test")).isEmpty();
  }

  @Test
  void nobodyGetsTheSecretOfAnotherNamespace() {
    World world = new World().ingress("a/web", TLS).secret("b/shop", OLD).settle();
    assertThat(world.certificate("shop.test")).isEmpty();
  }

  private static String fingerprint(World world) {
    return world.certificate("shop.test").map(Certificate::chainPem).orElse("none");
  }
}
