package dev.lockstep.local.cluster;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * A private certificate authority with a P-256 key. It writes the certificates itself, because the
 * JDK has no public way to do so and a fresh machine may have no openssl.
 */
public final class CertificateAuthority {
  private static final String ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
  private static final Duration LIFE = Duration.ofDays(365);

  private final X500Principal name;
  private final KeyAndCertificate own;

  private CertificateAuthority(X500Principal name, KeyAndCertificate own) {
    this.name = name;
    this.own = own;
  }

  /** What a certificate is for. */
  public enum Use {
    /** A server's name, checked by its clients. */
    SERVER("1.3.6.1.5.5.7.3.1"),
    /** A client's name, checked by a server. */
    CLIENT("1.3.6.1.5.5.7.3.2");

    private final String oid;

    Use(String oid) {
      this.oid = oid;
    }
  }

  /** {@return a new authority of this common name} */
  public static CertificateAuthority create(String commonName) {
    X500Principal name = new X500Principal("CN=" + commonName);
    KeyPair keys = newKeys();
    byte[] extensions =
        Der.sequence(
            extension("2.5.29.19", true, Der.sequence(Der.yes())),
            // Bits 5 and 6: keyCertSign, cRLSign.
            extension("2.5.29.15", true, Der.bits(1, new byte[] {0x06})));
    byte[] body = body(name, name, keys, extensions);
    return new CertificateAuthority(
        name, new KeyAndCertificate(keys.getPrivate(), sign(body, keys)));
  }

  /** {@return the authority's own certificate, for those who shall trust it} */
  public String certificatePem() {
    return own.certificatePem();
  }

  /**
   * Issues a certificate for a new key.
   *
   * @param subject a distinguished name, for example {@code CN=admin,O=system:masters}
   * @param names host names and IPv4 addresses that a server may be called by
   * @param uses what it is for
   */
  public KeyAndCertificate issue(String subject, List<String> names, Use... uses) {
    return issue(new X500Principal(subject), names, newKeys(), uses);
  }

  /** {@return a client's certificate with an RSA key, because Fabric8 reads no other in PKCS #8} */
  KeyAndCertificate issueClient(String subject) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      X500Principal name = new X500Principal(subject);
      return issue(name, List.of(), generator.generateKeyPair(), Use.CLIENT);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has RSA", e);
    }
  }

  private KeyAndCertificate issue(
      X500Principal subject, List<String> names, KeyPair keys, Use... uses) {
    byte[] purposes = new byte[0];
    for (Use use : uses) {
      purposes = Der.concat(purposes, Der.oid(use.oid));
    }
    byte[] extensions =
        Der.concat(
            extension("2.5.29.15", true, Der.bits(7, new byte[] {(byte) 0x80})),
            extension("2.5.29.37", false, Der.sequence(purposes)));
    if (!names.isEmpty()) {
      extensions = Der.concat(extensions, alternativeNames(names));
    }
    byte[] body = body(name, subject, keys, Der.sequence(extensions));
    KeyPair signer = new KeyPair(keys.getPublic(), own.privateKey());
    return new KeyAndCertificate(keys.getPrivate(), sign(body, signer));
  }

  /** {@return a new P-256 key pair} */
  static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  private static byte[] body(
      X500Principal issuer, X500Principal subject, KeyPair keys, byte[] extensions) {
    Instant now = Instant.now();
    byte[] validity =
        // An hour back: the clocks of one machine may still be set.
        Der.sequence(Der.time(now.minus(Duration.ofHours(1))), Der.time(now.plus(LIFE)));
    return Der.sequence(
        Der.element(0xa0, Der.integer(BigInteger.TWO)), // Version 3.
        Der.integer(new BigInteger(127, new SecureRandom()).add(BigInteger.ONE)),
        Der.sequence(Der.oid(ECDSA_WITH_SHA256)),
        issuer.getEncoded(),
        validity,
        subject.getEncoded(),
        keys.getPublic().getEncoded(),
        Der.element(0xa3, extensions));
  }

  private static byte[] sign(byte[] body, KeyPair signer) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(signer.getPrivate());
      signature.update(body);
      byte[] algorithm = Der.sequence(Der.oid(ECDSA_WITH_SHA256));
      return Der.sequence(body, algorithm, Der.bits(0, signature.sign()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has ECDSA", e);
    }
  }

  private static byte[] alternativeNames(List<String> names) {
    byte[] encoded = new byte[0];
    for (String each : names) {
      byte[] general = ipv4(each) ? Der.element(0x87, address(each)) : Der.text(0x82, each);
      encoded = Der.concat(encoded, general);
    }
    return extension("2.5.29.17", false, Der.sequence(encoded));
  }

  private static byte[] extension(String oid, boolean critical, byte[] value) {
    byte[] mark = critical ? Der.yes() : new byte[0];
    return Der.sequence(Der.oid(oid), mark, Der.octets(value));
  }

  private static boolean ipv4(String name) {
    return name.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
  }

  private static byte[] address(String ipv4) {
    String[] parts = ipv4.split("\\.", -1);
    byte[] bytes = new byte[4];
    for (int i = 0; i < 4; i++) {
      bytes[i] = (byte) Integer.parseInt(parts[i]);
    }
    return bytes;
  }
}
