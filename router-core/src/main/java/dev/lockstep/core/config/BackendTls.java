package dev.lockstep.core.config;

/**
 * HTTP over TLS, as the endpoints of a backend speak it.
 *
 * @param versions which HTTP is offered in the handshake (RFC 7301)
 * @param serverName which name is asked for (RFC 6066 3) and must be in the certificate; a host
 *     name in lower case, example {@code web.shop.svc}
 * @param trust whose certificates are believed
 */
public record BackendTls(Versions versions, String serverName, Trust trust)
    implements Backend.Protocol {

  /** Which HTTP is spoken over it. */
  public enum Versions {
    /** HTTP/2 if the endpoint agrees in the handshake, HTTP/1.1 otherwise. */
    HTTP2_OR_HTTP1("HTTPS"),
    /** HTTP/1.1 alone, as WebSocket needs it. */
    HTTP1("HTTPS1");

    private final String canonical;

    Versions(String canonical) {
      this.canonical = canonical;
    }
  }

  /** Whose certificates are believed. */
  public sealed interface Trust {}

  /** Those of whom nobody had to name. */
  public enum Known implements Trust {
    /** Everybody: it keeps out who listens only, and nobody who answers instead of the endpoint. */
    ANYONE,
    /** The public authorities that the Java runtime comes with. */
    PUBLIC
  }

  /**
   * These authorities alone.
   *
   * @param pem their certificates, one PEM block after the other; at least one
   */
  public record Authorities(String pem) implements Trust {}

  @Override
  public BackendTls forUpgrade() {
    return versions == Versions.HTTP1 ? this : new BackendTls(Versions.HTTP1, serverName, trust);
  }

  void writeTo(CanonicalText text) {
    text.field(versions.canonical).field(serverName);
    switch (trust) {
      case Known known -> text.field(known.name());
      case Authorities authorities -> text.field("AUTHORITIES").field(authorities.pem);
    }
  }
}
