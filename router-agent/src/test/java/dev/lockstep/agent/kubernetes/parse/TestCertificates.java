package dev.lockstep.agent.kubernetes.parse;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;
import java.util.HexFormat;

/** Makes self-signed certificates for tests, in as little DER as X.509 allows. */
public final class TestCertificates {
  private static final byte[] RSA_SHA256 = oid("2a864886f70d01010b", "0500");
  private static final byte[] ECDSA_SHA256 = oid("2a8648ce3d040302", "");
  private static final byte[] ED25519 = oid("2b6570", "");

  private TestCertificates() {}

  /** A key pair and a certificate of it. */
  public record Issued(KeyPair keys, byte[] der) {

    /** {@return the certificate as PEM} */
    public String certificatePem() {
      return pem("CERTIFICATE", der);
    }

    /** {@return the key as PKCS#8 PEM} */
    public String keyPem() {
      return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
    }

    /** {@return the key without the PKCS#8 envelope: PKCS#1 or SEC 1} */
    public String bareKeyPem(String label) {
      byte[] pkcs8 = keys.getPrivate().getEncoded();
      // The envelope ends with an OCTET STRING, which holds the bare key.
      for (int i = 0; i < pkcs8.length; i++) {
        if (pkcs8[i] == 0x04 && holdsTheRest(pkcs8, i)) {
          int start = contentOffset(pkcs8, i);
          return pem(label, java.util.Arrays.copyOfRange(pkcs8, start, pkcs8.length));
        }
      }
      throw new IllegalStateException("no bare key inside");
    }
  }

  /** {@return a new certificate; kind is RSA, EC or Ed25519} */
  public static Issued issue(String kind, String name) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
      if (kind.equals("RSA")) {
        generator.initialize(2048);
      } else if (kind.equals("EC")) {
        generator.initialize(256);
      }
      KeyPair keys = generator.generateKeyPair();
      return new Issued(keys, certificate(kind, name, keys));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] certificate(String kind, String name, KeyPair keys)
      throws GeneralSecurityException {
    byte[] algorithm =
        switch (kind) {
          case "RSA" -> RSA_SHA256;
          case "EC" -> ECDSA_SHA256;
          default -> ED25519;
        };
    byte[] commonName =
        element(
            0x31,
            element(
                0x30,
                HexFormat.of().parseHex("0603550403"),
                element(0x0c, name.getBytes(StandardCharsets.UTF_8))));
    byte[] subject = element(0x30, commonName);
    byte[] validity =
        element(
            0x30,
            element(0x17, "200101000000Z".getBytes(StandardCharsets.US_ASCII)),
            element(0x17, "400101000000Z".getBytes(StandardCharsets.US_ASCII)));
    byte[] body =
        element(
            0x30,
            element(0x02, new byte[] {1}),
            algorithm,
            subject,
            validity,
            subject,
            keys.getPublic().getEncoded());
    Signature signature =
        Signature.getInstance(
            switch (kind) {
              case "RSA" -> "SHA256withRSA";
              case "EC" -> "SHA256withECDSA";
              default -> "Ed25519";
            });
    signature.initSign(keys.getPrivate());
    signature.update(body);
    return element(0x30, body, algorithm, element(0x03, new byte[] {0}, signature.sign()));
  }

  private static byte[] oid(String hex, String parameters) {
    HexFormat format = HexFormat.of();
    return element(0x30, element(0x06, format.parseHex(hex)), format.parseHex(parameters));
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
    } else if (content.size() < 0x100) {
      element.write(0x81);
      element.write(content.size());
    } else {
      element.write(0x82);
      element.write(content.size() >> 8);
      element.write(content.size());
    }
    element.writeBytes(content.toByteArray());
    return element.toByteArray();
  }

  private static boolean holdsTheRest(byte[] der, int at) {
    if (at + 4 >= der.length) {
      return false;
    }
    int first = der[at + 1] & 0xff;
    int length =
        switch (first) {
          case 0x81 -> der[at + 2] & 0xff;
          case 0x82 -> ((der[at + 2] & 0xff) << 8) | (der[at + 3] & 0xff);
          default -> first;
        };
    return contentOffset(der, at) + length == der.length;
  }

  private static int contentOffset(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
  }

  private static String pem(String label, byte[] der) {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }
}
