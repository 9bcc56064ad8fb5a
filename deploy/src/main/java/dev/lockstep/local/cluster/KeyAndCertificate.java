package dev.lockstep.local.cluster;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Base64;

/**
 * A private key and the certificate of its public half.
 *
 * @param privateKey the key
 * @param certificate the certificate, DER
 */
public record KeyAndCertificate(PrivateKey privateKey, byte[] certificate) {
  /** {@return the certificate as PEM} */
  public String certificatePem() {
    return pem("CERTIFICATE", certificate);
  }

  /** {@return the key as PKCS #8 PEM} */
  public String privateKeyPem() {
    return pem("PRIVATE KEY", privateKey.getEncoded());
  }

  static String publicKeyPem(PublicKey key) {
    return pem("PUBLIC KEY", key.getEncoded());
  }

  private static String pem(String label, byte[] der) {
    byte[] newline = "\n".getBytes(StandardCharsets.US_ASCII);
    String body = Base64.getMimeEncoder(64, newline).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }
}
