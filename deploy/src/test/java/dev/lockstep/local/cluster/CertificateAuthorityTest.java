package dev.lockstep.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.local.cluster.CertificateAuthority.Use;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The JDK's own reader and validator accept what we write. */
final class CertificateAuthorityTest {
  private final CertificateAuthority authority = CertificateAuthority.create("test");

  @Test
  void anIssuedCertificateIsTrustedThroughItsAuthority() throws Exception {
    X509Certificate root = read(authority.certificatePem());
    X509Certificate leaf =
        read(authority.issue("CN=web", List.of("web.test"), Use.SERVER).certificatePem());
    PKIXParameters trust = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
    trust.setRevocationEnabled(false);
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    CertPathValidator.getInstance("PKIX").validate(factory.generateCertPath(List.of(leaf)), trust);
    assertThat(root.getBasicConstraints()).isNotNegative();
    assertThat(leaf.getBasicConstraints()).isNegative();
  }

  @Test
  void namesAndUsesAreInTheCertificate() throws Exception {
    X509Certificate leaf =
        read(
            authority
                .issue("CN=a,O=b", List.of("web.test", "127.0.0.1"), Use.SERVER, Use.CLIENT)
                .certificatePem());
    assertThat(leaf.getSubjectAlternativeNames())
        .containsExactly(List.of(2, "web.test"), List.of(7, "127.0.0.1"));
    assertThat(leaf.getExtendedKeyUsage()).hasSize(2);
    assertThat(leaf.getSubjectX500Principal().getName()).isEqualTo("CN=a,O=b");
    leaf.checkValidity();
  }

  private static X509Certificate read(String pem) throws CertificateException {
    byte[] bytes = pem.getBytes(StandardCharsets.US_ASCII);
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(bytes));
  }
}
