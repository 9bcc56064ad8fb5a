package dev.lockstep.agent.kubernetes.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.kubernetes.parse.TestCertificates.Issued;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Digest;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which Secrets are certificates that can be served. */
final class CertificateParserTest {
  private static final Certificate.Id ID = new Certificate.Id("shop", "web");
  private static final Issued RSA = TestCertificates.issue("RSA", "rsa.example.com");
  private static final Issued EC = TestCertificates.issue("EC", "ec.example.com");
  private static final Issued ED = TestCertificates.issue("Ed25519", "ed.example.com");

  private record Good(String name, Issued issued, String key) {}

  @Test
  void keysOfEveryFormAreWrittenAnewAsPkcs8() {
    List<Good> table =
        List.of(
            new Good("RSA", RSA, RSA.keyPem()),
            new Good("RSA, PKCS#1", RSA, RSA.bareKeyPem("RSA PRIVATE KEY")),
            new Good("EC", EC, EC.keyPem()),
            new Good("EC, SEC 1", EC, EC.bareKeyPem("EC PRIVATE KEY")),
            new Good(
                "with parameters before it",
                EC,
                "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
                    + EC.bareKeyPem("EC PRIVATE KEY")),
            new Good("Ed25519", ED, ED.keyPem()));
    for (Good row : table) {
      Certificate certificate = good(secret(row.issued.certificatePem(), row.key));
      assertThat(certificate.chainPem()).as(row.name).isEqualTo(row.issued.certificatePem());
      assertThat(certificate.privateKey().pem()).as(row.name).isEqualTo(row.issued.keyPem());
      assertThat(certificate.fingerprint()).as(row.name).isEqualTo(fingerprint(row.issued));
    }
  }

  @Test
  void aChainKeepsItsOrderAndNothingElse() {
    String chain = "Subject: leaf\n" + RSA.certificatePem() + "\nissuer\n" + EC.certificatePem();
    assertThat(good(secret(chain, RSA.keyPem())).chainPem())
        .isEqualTo(RSA.certificatePem() + EC.certificatePem());
  }

  private record Bad(String name, Secret secret, String reason) {}

  @Test
  void whatCannotBeServedIsRefusedWithoutShowingTheKey() {
    String certificate = RSA.certificatePem();
    List<Bad> table =
        List.of(
            new Bad("another key", secret(certificate, EC.keyPem()), "does not belong"),
            new Bad(
                "another key of its kind",
                secret(certificate, TestCertificates.issue("RSA", "x").keyPem()),
                "does not belong"),
            new Bad(
                "another EC key",
                secret(EC.certificatePem(), TestCertificates.issue("EC", "x").keyPem()),
                "does not belong"),
            new Bad("no key", secret(certificate, certificate), "no private key"),
            new Bad("no certificate", secret(RSA.keyPem(), RSA.keyPem()), "0 certificates"),
            new Bad("cut", secret(certificate.substring(0, 300), RSA.keyPem()), "is no PEM"),
            new Bad(
                "broken",
                secret(
                    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", RSA.keyPem()),
                "certificate 1 is unreadable"),
            new Bad("empty", secret("", ""), "tls.crt: missing"),
            new Bad("nothing", new Secret(), "tls.crt: missing"),
            new Bad(
                "encrypted",
                secret(
                    certificate,
                    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
                        + "-----END ENCRYPTED PRIVATE KEY-----"),
                "no private key"),
            new Bad("rubbish", secret("rubbish", "rubbish"), "0 certificates"));
    for (Bad row : table) {
      assertThat(CertificateParser.parse(ID, row.secret))
          .as(row.name)
          .isInstanceOfSatisfying(
              CertificateParser.Bad.class,
              bad -> assertThat(bad.reason()).contains(row.reason).hasSizeLessThan(120));
    }
  }

  private static Certificate good(Secret secret) {
    return ((CertificateParser.Good) CertificateParser.parse(ID, secret)).certificate();
  }

  private static Secret secret(String chain, String key) {
    return new SecretBuilder()
        .withType("kubernetes.io/tls")
        .addToData("tls.crt", base64(chain))
        .addToData("tls.key", base64(key))
        .build();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static Digest fingerprint(Issued issued) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(issued.der());
      return new Digest(HexFormat.of().formatHex(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
