package dev.lockstep.agent.kubernetes.parse;

import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Digest;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
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
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final int LONGEST_CHAIN = 20;

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
    List<X509Certificate> chain = chain(blocks(data, CHAIN));
    X509Certificate leaf = chain.getFirst();
    PrivateKey key = KeyReader.read(blocks(data, KEY), leaf.getPublicKey());
    try {
      StringBuilder pem = new StringBuilder();
      for (X509Certificate certificate : chain) {
        pem.append(Pem.text(CERTIFICATE, certificate.getEncoded()));
      }
      return new Certificate(
          id,
          pem.toString(),
          new Certificate.PrivateKey(Pem.text("PRIVATE KEY", key.getEncoded())),
          fingerprint(leaf.getEncoded()));
    } catch (CertificateException e) {
      throw new Fault(CHAIN + ": a certificate cannot be written");
    }
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

  private static List<X509Certificate> chain(List<Pem.Block> blocks) {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Pem.Block block : blocks) {
        if (block.label().equals(CERTIFICATE)) {
          var der = new ByteArrayInputStream(block.der());
          chain.add((X509Certificate) factory.generateCertificate(der));
        }
      }
    } catch (CertificateException e) {
      throw new Fault(CHAIN + ": certificate " + (chain.size() + 1) + " is unreadable");
    }
    if (chain.isEmpty() || chain.size() > LONGEST_CHAIN) {
      throw new Fault(CHAIN + ": " + chain.size() + " certificates (expected: 1 to 20)");
    }
    return chain;
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
