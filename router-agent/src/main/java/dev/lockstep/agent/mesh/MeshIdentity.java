package dev.lockstep.agent.mesh;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

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

  X509KeyManager key() {
    return key;
  }

  /** Offers one key, whoever asks. A key store would do the same and encrypt it for nobody. */
  private static final class OwnKey extends X509ExtendedKeyManager {
    private static final String ALIAS = "mesh";
    private static final String TYPE = "EC";

    private final PrivateKey key;
    private final X509Certificate certificate;

    OwnKey(PrivateKey key, X509Certificate certificate) {
      this.key = key;
      this.certificate = certificate;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String keyType, Principal[] issuers, SSLEngine engine) {
      return chosen(keyType);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
      return chosen(keyType);
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
      return keyType.equals(TYPE) ? new String[] {ALIAS} : new String[0];
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return new X509Certificate[] {certificate};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return key;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyTypes, Principal[] issuers, Socket socket) {
      return null;
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
      return new String[0];
    }

    /** The JDK asks for each key type that the client takes, and wants null for "not mine". */
    private static @Nullable String chosen(String keyType) {
      return keyType.equals(TYPE) ? ALIAS : null;
    }
  }
}
