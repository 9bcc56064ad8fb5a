package dev.lockstep.agent.proxy;

import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Digest;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;

/** Makes certificates: the few bytes of X.509 (RFC 5280 4.1) that a handshake needs. */
public final class TestCertificate {
  private static final AtomicLong SERIAL = new AtomicLong(1);
  private static final byte[] ECDSA_SHA256 = oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2);
  private static final byte[] RSA_SHA256 =
      join(oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b), new byte[] {5, 0});
  private static final byte[] COMMON_NAME = oid(0x55, 4, 3);
  private static final byte[] LONG = validity("250101000000Z", "491231235959Z");
  private static final byte[] PAST = validity("230101000000Z", "240101000000Z");

  private TestCertificate() {}

  /** {@return a certificate for this name, in a Secret of this name} */
  public static Certificate of(String secret, String name) {
    return of(secret, name, "PRIVATE KEY");
  }

  /** {@return the same with an RSA key of 2,048 bits} */
  public static Certificate ofRsa(String secret, String name) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      KeyPair pair = generator.generateKeyPair();
      String key = pem("PRIVATE KEY", pair.getPrivate().getEncoded());
      return certificate(secret, signed(pair, name, new Authority(name, pair, ""), LONG), key);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** {@return the same with the key in this form: PKCS#8, or SEC 1 for {@code EC PRIVATE KEY}} */
  public static Certificate of(String secret, String name, String keyForm) {
    KeyPair pair = keys();
    Authority self = new Authority(name, pair, "");
    byte[] key = pair.getPrivate().getEncoded();
    byte[] given = keyForm.equals("EC PRIVATE KEY") ? sec1(key) : key;
    return certificate(secret, signed(pair, name, self, LONG), pem(keyForm, given));
  }

  /** Who signs certificates; its own are in PEM. */
  public record Authority(String name, KeyPair keys, String pem) {}

  /** {@return a new authority of this name} */
  public static Authority authority(String name) {
    KeyPair pair = keys();
    byte[] der = signed(pair, name, new Authority(name, pair, ""), LONG);
    return new Authority(name, pair, pem("CERTIFICATE", der));
  }

  /** {@return a certificate for this name, signed by this authority} */
  public static Certificate by(Authority authority, String name) {
    return by(authority, name, LONG);
  }

  /** {@return one that has expired long ago} */
  public static Certificate expiredBy(Authority authority, String name) {
    return by(authority, name, PAST);
  }

  private static Certificate by(Authority authority, String name, byte[] validity) {
    KeyPair pair = keys();
    String key = pem("PRIVATE KEY", pair.getPrivate().getEncoded());
    return certificate("issued", signed(pair, name, authority, validity), key);
  }

  private static Certificate certificate(String secret, byte[] der, String key) {
    return new Certificate(
        new Certificate.Id("shop", secret),
        pem("CERTIFICATE", der),
        new Certificate.PrivateKey(key),
        Digest.of(Base64.getEncoder().encodeToString(der)));
  }

  private static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] signed(KeyPair pair, String name, Authority by, byte[] validity) {
    boolean rsa = by.keys().getPrivate().getAlgorithm().equals("RSA");
    byte[] algorithm = der(0x30, rsa ? RSA_SHA256 : ECDSA_SHA256);
    byte[] serial = der(2, BigInteger.valueOf(SERIAL.getAndIncrement()).toByteArray());
    byte[] body =
        der(
            0x30,
            join(
                serial,
                algorithm,
                named(by.name()),
                validity,
                named(name),
                pair.getPublic().getEncoded()));
    try {
      Signature signature = Signature.getInstance(rsa ? "SHA256withRSA" : "SHA256withECDSA");
      signature.initSign(by.keys().getPrivate());
      signature.update(body);
      byte[] signed = der(3, join(new byte[] {0}, signature.sign()));
      return der(0x30, join(body, algorithm, signed));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] named(String name) {
    byte[] utf8 = der(0x0c, name.getBytes(StandardCharsets.UTF_8));
    return der(0x30, der(0x31, der(0x30, join(COMMON_NAME, utf8))));
  }

  /** Takes the inner key out of PKCS#8 and adds the name of its curve. */
  private static byte[] sec1(byte[] pkcs8) {
    int octets = pkcs8.length - 1;
    while (!(pkcs8[octets] == 0x04
        && (pkcs8[octets + 1] & 255) == pkcs8.length - octets - 2
        && pkcs8[octets + 2] == 0x30)) {
      octets--;
    }
    byte[] inner = Arrays.copyOfRange(pkcs8, octets + 4, pkcs8.length);
    byte[] secret = Arrays.copyOfRange(inner, 0, 3 + 2 + 32);
    byte[] curve = der(0xa0, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7));
    return der(0x30, join(secret, curve));
  }

  private static byte[] validity(String from, String to) {
    return der(0x30, join(time(from), time(to)));
  }

  private static byte[] time(String utc) {
    return der(0x17, utc.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] oid(int... bytes) {
    byte[] content = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      content[i] = (byte) bytes[i];
    }
    return der(6, content);
  }

  private static byte[] der(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length > 0xff) {
      out.write(0x82);
      out.write(content.length >> 8);
    } else if (content.length > 0x7f) {
      out.write(0x81);
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

  private static String pem(String label, byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
  }
}
