package dev.lockstep.agent.mesh;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;

/**
 * The key with which this process proves itself on its mesh port, made anew at every start and kept
 * in memory only. Others know it by its pin, which the leader writes to the Lease. Immutable.
 */
public final class MeshIdentity {
  private final OwnKey key;
  private final String spkiSha256;

  private MeshIdentity(OwnKey key, String spkiSha256) {
    this.key = key;
    this.spkiSha256 = spkiSha256;
  }

  /** {@return an identity with a new key} */
  public static MeshIdentity generate() {
    try {
      SecureRandom random = new SecureRandom();
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      KeyPair keys = generator.generateKeyPair();
      X509Certificate certificate = SelfSigned.of(keys, random);
      return new MeshIdentity(
          new OwnKey(keys.getPrivate(), certificate), Pin.of(certificate).text());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }

  /** {@return the pin: base64 of the SHA-256 of the public key (SubjectPublicKeyInfo)} */
  public String spkiSha256() {
    return spkiSha256;
  }

  OwnKey key() {
    return key;
  }
}
