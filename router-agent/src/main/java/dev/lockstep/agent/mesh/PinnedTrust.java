package dev.lockstep.agent.mesh;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts one key and nothing else: no authority, no name, no date. The handshake fails BEFORE any
 * byte of HTTP is sent, so an impostor never sees a token.
 *
 * <p>Extends the <em>extended</em> trust manager, because the JDK adds checks of names to others.
 */
final class PinnedTrust extends X509ExtendedTrustManager {
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
