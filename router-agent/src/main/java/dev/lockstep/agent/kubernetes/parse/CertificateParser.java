package dev.lockstep.agent.kubernetes.parse;

import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Digest;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Reads a certificate chain and its key from a {@code kubernetes.io/tls} Secret. Both are written
 * anew, so that what a data plane gets holds certificates and one PKCS#8 key and nothing else.
 */
public final class CertificateParser {
  private static final String CHAIN = "tls.crt";
  private static final String KEY = "tls.key";
  static final String CERTIFICATE = "CERTIFICATE";
  private static final int MOST = 20;

  private CertificateParser() {}

  /** What a Secret turned out to hold. */
  public sealed interface Outcome {}

  /** A certificate that can be served. */
  public record Good(Certificate certificate) implements Outcome {}

  /** Something that cannot be served, for this reason. */
  public record Bad(String reason) implements Outcome {}

  /** {@return the certificate, or why it cannot be served; no text holds anything of the key} */
  public static Outcome parse(Certificate.Id id, Secret secret) {
    try {
      return new Good(read(id, secret));
    } catch (Fault fault) {
      return new Bad(fault.reason());
    } catch (RuntimeException e) {
      // Key material could stand in its text.
      return new Bad("it cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private static Certificate read(Certificate.Id id, Secret secret) {
    Map<String, String> data = secret.getData() == null ? Map.of() : secret.getData();
    List<Pem.Block> chain = certificates(data, CHAIN);
    PublicKey leaf = read(chain.getFirst(), CHAIN + ": certificate 1").getPublicKey();
    PrivateKey key = KeyReader.read(blocks(data, KEY), leaf);
    StringBuilder pem = new StringBuilder();
    chain.forEach(block -> pem.append(Pem.text(CERTIFICATE, block.der())));
    return new Certificate(
        id,
        pem.toString(),
        new Certificate.PrivateKey(Pem.text("PRIVATE KEY", key.getEncoded())),
        fingerprint(chain.getFirst().der()));
  }

  private static List<Pem.Block> blocks(Map<String, String> data, String key) {
    String encoded = data.getOrDefault(key, "");
    if (encoded.isEmpty()) {
      throw new Fault(key + ": missing");
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(encoded);
      return Pem.parse(new String(decoded, StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException e) {
      throw new Fault(key + ": is no PEM");
    }
  }

  /** {@return the certificates under this key, of which all can be read: 1 to 20} */
  static List<Pem.Block> certificates(Map<String, String> data, String key) {
    List<Pem.Block> blocks =
        blocks(data, key).stream().filter(block -> block.label().equals(CERTIFICATE)).toList();
    if (blocks.isEmpty() || blocks.size() > MOST) {
      throw new Fault(key + ": " + blocks.size() + " certificates (expected: 1 to 20)");
    }
    for (int i = 0; i < blocks.size(); i++) {
      read(blocks.get(i), key + ": certificate " + (i + 1));
    }
    return blocks;
  }

  private static X509Certificate read(Pem.Block block, String where) {
    try {
      var der = new ByteArrayInputStream(block.der());
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(der);
    } catch (CertificateException e) {
      throw new Fault(where + " is unreadable");
    }
  }

  private static Digest fingerprint(byte[] der) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(der);
      return new Digest(HexFormat.of().formatHex(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
