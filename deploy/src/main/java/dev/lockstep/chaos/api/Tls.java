package dev.lockstep.chaos.api;

import dev.lockstep.local.cluster.KeyAndCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** TLS on both sides of a proxy. */
final class Tls {
  private static final char[] NO_PASSWORD = new char[0];

  private Tls() {}

  /** {@return what a server proves itself with} */
  static SSLContext server(KeyAndCertificate own) {
    try {
      KeyStore keys = empty();
      Certificate[] chain = {certificate(own.certificatePem())};
      keys.setKeyEntry("own", own.privateKey(), NO_PASSWORD, chain);
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(keys, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  /** {@return a socket on top of a connected one, as a server's or a client's end} */
  static SSLSocket on(Socket plain, SSLContext context, boolean asClient) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), true);
    socket.setUseClientMode(asClient);
    socket.startHandshake();
    return socket;
  }

  private static KeyStore empty() throws GeneralSecurityException {
    try {
      KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
      keys.load(null, NO_PASSWORD);
      return keys;
    } catch (IOException e) {
      throw new UncheckedIOException("an empty store is not read", e);
    }
  }

  private static Certificate certificate(String pem) throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
  }
}
