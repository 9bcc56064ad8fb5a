package dev.lockstep.agent.mesh;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Offers one key, whoever asks. A key store would do the same and encrypt it for nobody. */
final class OwnKey extends X509ExtendedKeyManager {
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
  public @Nullable String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
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
