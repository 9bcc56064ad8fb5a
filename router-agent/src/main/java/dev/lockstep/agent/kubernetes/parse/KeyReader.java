package dev.lockstep.agent.kubernetes.parse;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads the private key that belongs to a certificate: PKCS#8, PKCS#1 (RSA) or SEC 1 (EC). The
 * older two are PKCS#8 without its envelope, which says what the certificate says as well: the
 * algorithm and its parameters.
 */
final class KeyReader {
  private static final String PKCS8 = "PRIVATE KEY";
  private static final List<String> BARE = List.of("RSA PRIVATE KEY", "EC PRIVATE KEY");
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;
  private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

  private KeyReader() {}

  /**
   * {@return the key, which belongs to this public key}
   *
   * @throws Fault if there is none, or another one; its text holds nothing of the key
   */
  static PrivateKey read(List<Pem.Block> blocks, PublicKey belongsTo) {
    byte[] pkcs8 = pkcs8(blocks, belongsTo).orElseThrow(() -> new Fault("no private key"));
    try {
      PrivateKey key =
          KeyFactory.getInstance(belongsTo.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      if (!fits(key, belongsTo)) {
        throw new Fault("the private key does not belong to the certificate");
      }
      return key;
    } catch (GeneralSecurityException e) {
      throw new Fault("the private key is unreadable, or does not belong to the certificate");
    }
  }

  private static Optional<byte[]> pkcs8(List<Pem.Block> blocks, PublicKey belongsTo) {
    for (Pem.Block block : blocks) {
      if (block.label().equals(PKCS8)) {
        return Optional.of(block.der());
      }
      if (BARE.contains(block.label())) {
        byte[] algorithm = algorithmOf(belongsTo.getEncoded());
        byte[] key = element(OCTET_STRING, block.der());
        return Optional.of(element(SEQUENCE, VERSION_0, algorithm, key));
      }
    }
    return Optional.empty();
  }

  /** The first element of a SubjectPublicKeyInfo (RFC 5280 4.1): that is the algorithm. */
  private static byte[] algorithmOf(byte[] publicKeyInfo) {
    int start = contentOffset(publicKeyInfo, 0);
    int content = contentOffset(publicKeyInfo, start);
    return Arrays.copyOfRange(publicKeyInfo, start, content + length(publicKeyInfo, start));
  }

  private static int contentOffset(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
  }

  private static int length(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < (first & 0x7f); i++) {
      length = (length << 8) | (der[at + 2 + i] & 0xff);
    }
    return length;
  }

  private static byte[] element(int tag, byte[]... contents) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : contents) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream element = new ByteArrayOutputStream();
    element.write(tag);
    if (content.size() < 0x80) {
      element.write(content.size());
    } else {
      element.write(0x83);
      element.write(content.size() >> 16);
      element.write(content.size() >> 8);
      element.write(content.size());
    }
    element.writeBytes(content.toByteArray());
    return element.toByteArray();
  }

  private static boolean fits(PrivateKey key, PublicKey belongsTo) throws GeneralSecurityException {
    if (key instanceof RSAPrivateKey mine && belongsTo instanceof RSAPublicKey theirs) {
      return mine.getModulus().equals(theirs.getModulus());
    }
    byte[] sample = "lockstep".getBytes(StandardCharsets.US_ASCII);
    Signature signature = Signature.getInstance(scheme(key.getAlgorithm()));
    signature.initSign(key);
    signature.update(sample);
    byte[] signed = signature.sign();
    signature.initVerify(belongsTo);
    signature.update(sample);
    return signature.verify(signed);
  }

  private static String scheme(String algorithm) {
    return switch (algorithm) {
      case "EC" -> "SHA256withECDSA";
      case "EdDSA", "Ed25519", "Ed448" -> "EdDSA";
      default -> throw new Fault("keys of the kind " + algorithm + " are not served");
    };
  }
}
