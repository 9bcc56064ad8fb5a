package dev.lockstep.agent.proxy.tls;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.BackendTls;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.OrderedMap;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.TlsBinding;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * One TLS context per certificate of a config, for clients, and two per backend that speaks TLS:
 * the second for upgrades, which are offered HTTP/1.1 alone. A context is kept as long as what it
 * is made from stays the same; what has changed gets a new one, so that no session of the old one
 * can be resumed.
 *
 * <p>Immutable; a changed copy shares the contexts of unchanged certificates.
 */
public final class TlsContexts {

  /** Of a config without certificates. */
  public static final TlsContexts NONE = offering(List.of());

  /** Mozilla's "intermediate" list, version 5.8. */
  static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /** The same list's groups; the first outlives a quantum computer. BoringSSL's alone. */
  private static final String[] GROUPS = {"X25519MLKEM768", "x25519", "P-256", "P-384"};

  private static final X509Certificate[] NO_AUTHORITIES = {};

  /** BoringSSL where Netty brings it: a handshake costs a fraction of what the JDK's costs. */
  static final SslProvider PROVIDER = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;

  static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};
  static final int SESSION_CACHE = 10_000;
  static final int SESSION_SECONDS = 3600;

  /** What a change of the config led to. */
  public sealed interface Outcome {

    /** All of them can be used. */
    record Ready(TlsContexts contexts) implements Outcome {}

    /** Some cannot. */
    record Refused(List<ConfigProblem> problems) implements Outcome {}
  }

  private final RouterConfig config;
  private final OrderedMap<SslContext> contexts;
  private final OrderedMap<BackendContexts> backends;
  private final List<String> protocols;

  private TlsContexts(
      RouterConfig config,
      OrderedMap<SslContext> contexts,
      OrderedMap<BackendContexts> backends,
      List<String> protocols) {
    this.config = config;
    this.contexts = contexts;
    this.backends = backends;
    this.protocols = protocols;
  }

  /**
   * {@return no contexts; those of later configs agree with their clients on one of these
   * protocols, the first that both have (RFC 7301)} Who offers none of them gets none.
   */
  public static TlsContexts offering(List<String> protocols) {
    return new TlsContexts(
        RouterConfig.EMPTY, OrderedMap.empty(), OrderedMap.empty(), List.copyOf(protocols));
  }

  /** {@return the context of the certificate, which must be in the config} */
  public Optional<SslContext> of(Certificate.Id certificate) {
    return contexts.get(Certificate.key(certificate));
  }

  /** {@return the contexts for connections to the backend; absent if it speaks no TLS} */
  public Optional<BackendContexts> of(Backend.Id backend) {
    return backends.get(Backend.key(backend));
  }

  /** {@return the contexts of the next config, at the cost of the certificates that changed} */
  public Outcome update(RouterConfig next) {
    RouterConfig.Changes changes = config.changesTo(next);
    List<ConfigProblem> problems = new ArrayList<>();
    TlsContexts changed = this;
    for (String key : changes.removals()) {
      changed = with(changed.contexts.without(key), changed.backends.without(key));
    }
    for (Entry entry : changes.puts()) {
      try {
        changed = changed.with(entry);
      } catch (GeneralSecurityException | SSLException | IllegalArgumentException e) {
        problems.add(new ConfigProblem(subject(entry), reason(e)));
      }
    }
    return problems.isEmpty()
        ? new Outcome.Ready(new TlsContexts(next, changed.contexts, changed.backends, protocols))
        : new Outcome.Refused(List.copyOf(problems));
  }

  private TlsContexts with(
      OrderedMap<SslContext> clients, OrderedMap<BackendContexts> backendSide) {
    return new TlsContexts(config, clients, backendSide, protocols);
  }

  private TlsContexts with(Entry entry) throws GeneralSecurityException, SSLException {
    return switch (entry) {
      case Certificate certificate ->
          with(contexts.with(certificate.key(), context(certificate)), backends);
      case Backend backend -> with(contexts, with(backend));
      case Route _, TlsBinding _ -> this;
    };
  }

  private OrderedMap<BackendContexts> with(Backend backend)
      throws GeneralSecurityException, SSLException {
    String key = backend.key();
    Optional<Backend> before = config.backend(backend.id());
    if (before.filter(it -> it.protocol().equals(backend.protocol())).isPresent()) {
      return backends; // Other endpoints are no reason to forget the sessions.
    }
    return switch (backend.protocol()) {
      case Backend.Cleartext _ -> backends.without(key);
      case BackendTls tls -> backends.with(key, BackendContexts.of(tls));
    };
  }

  private static String subject(Entry entry) {
    return entry.key().replaceFirst("/", " ");
  }

  private static String reason(Exception e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  /**
   * What makes it cheap: the JDK's newer kind of store derives a key anew, ten thousand hashes, to
   * hold ours for the moment until BoringSSL has it; and without a word about authorities, each
   * context would read all that the JDK trusts, and name them to no client, for none is asked for a
   * certificate.
   */
  private SslContext context(Certificate certificate)
      throws GeneralSecurityException, SSLException {
    X509Certificate[] chain = chain(certificate.chainPem());
    PrivateKey key = KeyForms.read(certificate.privateKey().pem());
    requireMatch(key, chain[0].getPublicKey());
    return SslContextBuilder.forServer(key, chain)
        .sslProvider(PROVIDER)
        .keyStoreType("JKS")
        .trustManager(NO_AUTHORITIES)
        .protocols(VERSIONS)
        .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
        .option(OpenSslContextOption.GROUPS, GROUPS.clone())
        .sessionCacheSize(SESSION_CACHE)
        .sessionTimeout(SESSION_SECONDS)
        .applicationProtocolConfig(alpn(protocols))
        .build();
  }

  static ApplicationProtocolConfig alpn(List<String> protocols) {
    return protocols.isEmpty()
        ? ApplicationProtocolConfig.DISABLED
        : new ApplicationProtocolConfig(
            ApplicationProtocolConfig.Protocol.ALPN,
            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
            protocols);
  }

  static X509Certificate[] chain(String pem) throws GeneralSecurityException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<X509Certificate> chain = new ArrayList<>();
    for (Pem block : Pem.parse(pem)) {
      if (block.label().equals("CERTIFICATE")) {
        chain.add(
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
      }
    }
    if (chain.isEmpty()) {
      throw new GeneralSecurityException("no certificate");
    }
    return chain.toArray(X509Certificate[]::new);
  }

  /** Without this, a wrong key would show only in the first handshake, after the ack. */
  private static void requireMatch(PrivateKey key, PublicKey leaf) throws GeneralSecurityException {
    String algorithm =
        switch (leaf.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> leaf.getAlgorithm();
        };
    byte[] probe = {1, 2, 3, 4};
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(probe);
    byte[] signed = signature.sign();
    signature.initVerify(leaf);
    signature.update(probe);
    if (!signature.verify(signed)) {
      throw new GeneralSecurityException("the private key does not belong to the certificate");
    }
  }
}
