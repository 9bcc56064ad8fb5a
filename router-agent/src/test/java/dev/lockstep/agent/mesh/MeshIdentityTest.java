package dev.lockstep.agent.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Date;
import org.junit.jupiter.api.Test;

class MeshIdentityTest {

  @Test
  void theCertificateIsWhatTlsAsksFor() throws Exception {
    MeshIdentity identity = MeshIdentity.generate();
    X509Certificate certificate = certificate(identity);

    assertThat(certificate.getVersion()).isEqualTo(3);
    assertThat(certificate.getPublicKey().getAlgorithm()).isEqualTo("EC");
    assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
    assertThat(certificate.getSerialNumber().signum()).isEqualTo(1);
    certificate.verify(certificate.getPublicKey());
    certificate.checkValidity(new Date());
  }

  @Test
  void thePinIsOfThePublicKey() {
    MeshIdentity identity = MeshIdentity.generate();

    assertThat(Base64.getDecoder().decode(identity.spkiSha256())).hasSize(32);
    Pin pin = Pin.parse(identity.spkiSha256()).orElseThrow();
    assertThat(pin.fits(certificate(identity))).isTrue();
    assertThat(pin.fits(certificate(MeshIdentity.generate()))).isFalse();
  }

  @Test
  void manyCertificatesAreAllWellFormed() throws Exception {
    // Lengths in DER depend on leading zeros of numbers: so once is not enough.
    for (int i = 0; i < 50; i++) {
      X509Certificate certificate = certificate(MeshIdentity.generate());
      certificate.verify(certificate.getPublicKey());
    }
  }

  @Test
  void textThatIsNoPinIsNone() {
    for (String text : new String[] {"", "short", "====", "AAAA", "ä".repeat(44)}) {
      assertThat(Pin.parse(text)).as(text).isEmpty();
    }
  }

  private static X509Certificate certificate(MeshIdentity identity) {
    return identity.key().getCertificateChain("mesh")[0];
  }
}
