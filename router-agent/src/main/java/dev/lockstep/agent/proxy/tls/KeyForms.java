package dev.lockstep.agent.proxy.tls;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;

/**
 * Reads private keys in the forms in which Secrets hold them: PKCS#8 (RFC 5958), PKCS#1 RSA (RFC
 * 8017 A.1.2) and SEC 1 EC (RFC 5915). The JDK reads PKCS#8 alone, so the others are put into it.
 */
final class KeyForms {
  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;
  private static final int OID = 0x06;
  private static final int CURVE = 0xa0;
  private static final byte[] VERSION_0 = {2, 1, 0};
  private static final byte[] NULL = {5, 0};

  /** 1.2.840.113549.1.1.1. */
  private static final byte[] RSA = {
    6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1
  };

  /** 1.2.840.10045.2.1. */
  private static final byte[] EC = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

  private KeyForms() {}

  /**
   * {@return the first private key in the text}
   *
   * @throws GeneralSecurityException if there is none that can be read
   */
  static PrivateKey read(String pem) throws GeneralSecurityException {
    for (Pem block : Pem.parse(pem)) {
      switch (block.label()) {
        case "PRIVATE KEY" -> {
          return fromPkcs8(block.der());
        }
        case "RSA PRIVATE KEY" -> {
          return fromPkcs8(pkcs8(join(RSA, NULL), block.der()));
        }
        case "EC PRIVATE KEY" -> {
          return fromPkcs8(pkcs8(join(EC, curveOf(block.der())), block.der()));
        }
        default -> {
          // Such as EC PARAMETERS, which OpenSSL writes before the key.
        }
      }
    }
    throw new GeneralSecurityException("no private key");
  }

  private static PrivateKey fromPkcs8(byte[] der) throws GeneralSecurityException {
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (GeneralSecurityException e) {
        // Another algorithm's key; the last one decides.
        continue;
      }
    }
    throw new GeneralSecurityException("the private key is of no known kind");
  }

  private static byte[] pkcs8(byte[] algorithm, byte[] key) {
    return der(SEQUENCE, join(VERSION_0, der(SEQUENCE, algorithm), der(OCTETS, key)));
  }

  /** Finds {@code [0] parameters} in ECPrivateKey: version, octets, then the curve's OID. */
  private static byte[] curveOf(byte[] key) throws GeneralSecurityException {
    try {
      int at = content(key, 0);
      at = next(key, at);
      at = next(key, at);
      if ((key[at] & 255) == CURVE && (key[content(key, at)] & 255) == OID) {
        int oid = content(key, at);
        return Arrays.copyOfRange(key, oid, next(key, oid));
      }
    } catch (ArrayIndexOutOfBoundsException e) {
      throw new GeneralSecurityException("the EC key is cut off");
    }
    throw new GeneralSecurityException("the EC key names no curve");
  }

  private static int next(byte[] der, int at) {
    int start = content(der, at);
    int length = der[at + 1] & 255;
    if (length > 0x7f) {
      int octets = length & 0x7f;
      length = 0;
      for (int i = 0; i < octets; i++) {
        length = (length << 8) | (der[at + 2 + i] & 255);
      }
    }
    return start + length;
  }

  private static int content(byte[] der, int at) {
    int length = der[at + 1] & 255;
    return at + 2 + (length > 0x7f ? length & 0x7f : 0);
  }

  private static byte[] der(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length > 0x7f) {
      out.write(0x82);
      out.write(content.length >> 8);
    }
    out.write(content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
