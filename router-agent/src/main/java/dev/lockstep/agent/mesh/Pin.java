package dev.lockstep.agent.mesh;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Optional;

/** SHA-256 of a public key (SubjectPublicKeyInfo, RFC 7469 2.4). Immutable. */
final class Pin {
  private static final int LENGTH = 32;
  private final byte[] sha256;

  private Pin(byte[] sha256) {
    this.sha256 = sha256;
  }

  static Pin of(X509Certificate certificate) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return new Pin(digest.digest(certificate.getPublicKey().getEncoded()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** {@return the pin that the text means, empty when it means none} */
  static Optional<Pin> parse(String base64) {
    try {
      byte[] bytes = Base64.getDecoder().decode(base64);
      return bytes.length == LENGTH ? Optional.of(new Pin(bytes)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  String text() {
    return Base64.getEncoder().encodeToString(sha256);
  }

  /** {@return whether the certificate holds this very key; takes the same time for all} */
  boolean fits(X509Certificate certificate) {
    return MessageDigest.isEqual(sha256, of(certificate).sha256);
  }

  @Override
  public String toString() {
    return text();
  }
}
