package dev.lockstep.agent.mesh;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/**
 * The smallest certificate that TLS 1.3 takes (RFC 8446 4.4.2.2: X.509 version 3), written as DER
 * (X.690) by hand because the JDK cannot make one. It holds a key and proves nothing else: who it
 * belongs to is what the pin on the Lease says, so its name and dates are constants.
 */
final class SelfSigned {
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int UTF8_STRING = 0x0c;
  private static final int UTC_TIME = 0x17;
  private static final int GENERALIZED_TIME = 0x18;
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int VERSION_TAG = 0xa0;
  private static final int EXTENSIONS_TAG = 0xa3;

  // Object identifiers, whole: tag, length, content.
  private static final byte[] ECDSA_WITH_SHA256 = {
    0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x04, 0x03, 0x02
  };
  private static final byte[] COMMON_NAME = {0x06, 0x03, 0x55, 0x04, 0x03};
  private static final byte[] BASIC_CONSTRAINTS = {0x06, 0x03, 0x55, 0x1d, 0x13};

  private SelfSigned() {}

  /** {@return a certificate of this elliptic-curve key, signed by itself} */
  static X509Certificate of(KeyPair keys, SecureRandom random) throws GeneralSecurityException {
    byte[] algorithm = tlv(SEQUENCE, ECDSA_WITH_SHA256);
    byte[] name =
        tlv(SEQUENCE, tlv(SET, tlv(SEQUENCE, COMMON_NAME, text(UTF8_STRING, "lockstep-mesh"))));
    // RFC 5280 4.1.2.5: this end means that there is none.
    byte[] validity =
        tlv(SEQUENCE, text(UTC_TIME, "200101000000Z"), text(GENERALIZED_TIME, "99991231235959Z"));
    // An end entity: BasicConstraints without the cA bit.
    byte[] constraints = tlv(SEQUENCE, BASIC_CONSTRAINTS, tlv(OCTET_STRING, tlv(SEQUENCE)));
    byte[] content =
        tlv(
            SEQUENCE,
            tlv(VERSION_TAG, tlv(INTEGER, new byte[] {2})),
            tlv(INTEGER, serial(random)),
            algorithm,
            name,
            validity,
            name,
            keys.getPublic().getEncoded(),
            tlv(EXTENSIONS_TAG, tlv(SEQUENCE, constraints)));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(keys.getPrivate());
    signature.update(content);
    byte[] noUnusedBits = {0};
    byte[] der = tlv(SEQUENCE, content, algorithm, tlv(BIT_STRING, noUnusedBits, signature.sign()));
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }

  /** {@return 16 bytes of a positive number that needs them all} */
  private static byte[] serial(SecureRandom random) {
    byte[] serial = new byte[16];
    random.nextBytes(serial);
    serial[0] = (byte) ((serial[0] & 0x7f) | 0x40);
    return serial;
  }

  private static byte[] text(int tag, String text) {
    return tlv(tag, text.getBytes(StandardCharsets.US_ASCII));
  }

  /** {@return tag, length, and the contents one after the other} */
  private static byte[] tlv(int tag, byte[]... contents) {
    int length = 0;
    for (byte[] content : contents) {
      length += content.length;
    }
    ByteArrayOutputStream der = new ByteArrayOutputStream(length + 4);
    der.write(tag);
    if (length >= 256) {
      der.write(0x82);
      der.write(length >> 8);
    } else if (length >= 128) {
      der.write(0x81);
    }
    der.write(length);
    for (byte[] content : contents) {
      der.writeBytes(content);
    }
    return der.toByteArray();
  }
}
