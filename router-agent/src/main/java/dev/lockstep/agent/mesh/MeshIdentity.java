package dev.lockstep.agent.mesh;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import javax.net.ssl.KeyManagerFactory;

/**
 * The key with which this process proves itself on its mesh port, made anew at every start and kept
 * in memory only. Others know it by its pin, which the leader writes to the Lease. Immutable.
 */
public final class MeshIdentity {
  private final KeyManagerFactory keyManagers;
  private final String spkiSha256;

  private MeshIdentity(KeyManagerFactory keyManagers, String spkiSha256) {
    this.keyManagers = keyManagers;
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
      return new MeshIdentity(keyManagers(keys, certificate), Pin.of(certificate).text());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every Java platform has P-256 and key stores", e);
    }
  }

  /** {@return the pin: base64 of the SHA-256 of the public key (SubjectPublicKeyInfo)} */
  public String spkiSha256() {
    return spkiSha256;
  }

  KeyManagerFactory keyManagers() {
    return keyManagers;
  }

  private static KeyManagerFactory keyManagers(KeyPair keys, X509Certificate certificate)
      throws GeneralSecurityException, IOException {
    // The store never leaves memory, so its password protects nothing.
    char[] password = new char[0];
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, password);
    store.setKeyEntry("mesh", keys.getPrivate(), password, new Certificate[] {certificate});
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, password);
    return factory;
  }
}
