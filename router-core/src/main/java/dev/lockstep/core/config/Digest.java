package dev.lockstep.core.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SHA-256 of something in canonical form.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Digest(String hex) {

  public Digest {
    if (hex.length() != 64 || !hex.chars().allMatch(Digest::isLowerHex)) {
      throw new IllegalArgumentException("digest: " + hex + " (expected: 64 hexadecimal digits)");
    }
  }

  private static boolean isLowerHex(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }

  /** {@return the digest of the text's UTF-8 form} */
  public static Digest of(String text) {
    return ofBytes(sha256(text.getBytes(StandardCharsets.UTF_8)));
  }

  static Digest ofBytes(byte[] bytes) {
    StringBuilder hex = new StringBuilder(64);
    for (byte b : bytes) {
      hex.append(Character.forDigit((b >> 4) & 15, 16)).append(Character.forDigit(b & 15, 16));
    }
    return new Digest(hex.toString());
  }

  static byte[] sha256(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** {@return the first 12 digits, for people} */
  public String abbreviated() {
    return hex.substring(0, 12);
  }

  @Override
  public String toString() {
    return hex;
  }
}
