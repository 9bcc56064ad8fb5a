package dev.lockstep.agent.proxy.tls;

import dev.lockstep.core.config.BackendTls;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * What connections to one backend begin with: what we offer it, and whose certificates we believe.
 *
 * @param standard for all requests
 * @param upgrade for those that ask for a protocol upgrade, which HTTP/2 does not have
 */
public record BackendContexts(SslContext standard, SslContext upgrade) {

  static BackendContexts of(BackendTls tls) throws GeneralSecurityException, SSLException {
    SslContext standard = context(tls);
    BackendTls upgrade = tls.forUpgrade();
    return new BackendContexts(standard, upgrade.equals(tls) ? standard : context(upgrade));
  }

  private static SslContext context(BackendTls tls) throws GeneralSecurityException, SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(TlsContexts.PROVIDER)
            .protocols(TlsContexts.VERSIONS)
            .ciphers(TlsContexts.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
            .sessionCacheSize(TlsContexts.SESSION_CACHE)
            .sessionTimeout(TlsContexts.SESSION_SECONDS)
            .applicationProtocolConfig(offer(tls.versions()));
    switch (tls.trust()) {
      case BackendTls.Known.ANYONE ->
          builder
              .trustManager(InsecureTrustManagerFactory.INSTANCE)
              .endpointIdentificationAlgorithm(null);
      // RFC 9110 4.3.4: the certificate must be for the name that was asked for.
      case BackendTls.Known.PUBLIC -> builder.endpointIdentificationAlgorithm("HTTPS");
      case BackendTls.Authorities authorities ->
          builder
              .trustManager(TlsContexts.chain(authorities.pem()))
              .endpointIdentificationAlgorithm("HTTPS");
    }
    return builder.build();
  }

  private static ApplicationProtocolConfig offer(BackendTls.Versions versions) {
    List<String> protocols =
        switch (versions) {
          case HTTP2_OR_HTTP1 ->
              List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1);
          case HTTP1 -> List.of(ApplicationProtocolNames.HTTP_1_1);
        };
    return TlsContexts.alpn(protocols);
  }
}
