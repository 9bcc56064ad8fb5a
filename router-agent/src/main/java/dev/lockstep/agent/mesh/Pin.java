package dev.lockstep.agent.mesh;

import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/** SHA-256 of a public key (SubjectPublicKeyInfo, RFC 7469 2.4). Immutable. */
final class Pin {
  private static final int LENGTH = 32;
  private final byte[] sha256;

  private Pin(byte[] sha256) {
    this.sha256 = sha256;
  }

  static Pin of(X509Certificate certificate) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return new Pin(digest.digest(certificate.getPublicKey().getEncoded()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** {@return the pin that the text means, empty when it means none} */
  static Optional<Pin> parse(String base64) {
    try {
      byte[] bytes = Base64.getDecoder().decode(base64);
      return bytes.length == LENGTH ? Optional.of(new Pin(bytes)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  String text() {
    return Base64.getEncoder().encodeToString(sha256);
  }

  /** {@return whether the certificate holds this very key; takes the same time for all} */
  boolean fits(X509Certificate certificate) {
    return MessageDigest.isEqual(sha256, of(certificate).sha256);
  }

  /**
   * {@return a trust manager for this key alone}
   *
   * @param who for the log, when it is another key
   */
  X509TrustManager trust(String who, MeshTally tally) {
    return new PinnedTrust(this, who, tally);
  }

  @Override
  public String toString() {
    return text();
  }

  /**
   * Trusts one key and nothing else: no authority, no name, no date. The handshake fails BEFORE any
   * byte of HTTP is sent, so an impostor never sees a token.
   *
   * <p>Extends the <em>extended</em> trust manager, because the JDK adds checks of names to others.
   */
  private static final class PinnedTrust extends X509ExtendedTrustManager {
    private final Pin pin;
    private final String who;
    private final MeshTally tally;

    PinnedTrust(Pin pin, String who, MeshTally tally) {
      this.pin = pin;
      this.who = who;
      this.tally = tally;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      if (chain.length == 0 || !pin.fits(chain[0])) {
        tally.warn(MeshTally.Count.PIN_MISMATCH, who, "proves another key than expected");
        throw new CertificateException("key: not the pinned one");
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("client certificates: not used in this mesh");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
