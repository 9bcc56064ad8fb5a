package dev.lockstep.core.config;

/**
 * A certificate chain and its key, from a {@code kubernetes.io/tls} Secret.
 *
 * @param id the Secret
 * @param chainPem leaf first
 * @param privateKey belongs to the leaf
 * @param fingerprint SHA-256 of the leaf's DER form: what people and the API get to see
 */
public record Certificate(Id id, String chainPem, PrivateKey privateKey, Digest fingerprint)
    implements Entry {

  /** {@return the key of the certificate with this id} */
  public static String key(Id id) {
    return "certificate/" + id;
  }

  @Override
  public String key() {
    return key(id);
  }

  @Override
  public byte[] sha256() {
    return new CanonicalText()
        .field("certificate")
        .field(key())
        .field(chainPem)
        .field(privateKey.pem())
        .field(fingerprint.hex())
        .sha256();
  }

  /**
   * Names a certificate: the Secret that holds it.
   *
   * @param namespace of the Secret
   * @param secret its name
   */
  public record Id(String namespace, String secret) {

    @Override
    public String toString() {
      return namespace + "/" + secret;
    }
  }

  /**
   * A private key as PEM text. It has a type of its own so that no log line, error message or
   * {@code toString} can show it by accident.
   *
   * @param pem PKCS#8 or PKCS#1 PEM
   */
  public record PrivateKey(String pem) {

    /** {@return a fixed text: the key never appears in text made for people} */
    @Override
    public String toString() {
      return "PrivateKey[redacted]";
    }
  }
}
