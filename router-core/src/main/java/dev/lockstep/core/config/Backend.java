package dev.lockstep.core.config;

import java.util.List;

/**
 * Where requests go: the endpoints of one Service port.
 *
 * @param id which Service port
 * @param protocol what its endpoints speak
 * @param endpoints in canonical order; empty means 503
 * @param affinity whether requests of one client belong together
 */
public record Backend(Id id, Protocol protocol, List<Endpoint> endpoints, Affinity affinity)
    implements Entry {

  /** What an endpoint speaks, as the Service port's {@code appProtocol} says (KEP-3726). */
  public sealed interface Protocol permits Cleartext, BackendTls {

    /** {@return what a protocol upgrade begins with: HTTP/1.1 (RFC 6455 1.7)} */
    Protocol forUpgrade();
  }

  /** What is spoken without TLS. */
  public enum Cleartext implements Protocol {
    /** HTTP/1.1. */
    HTTP1,
    /** HTTP/2 with prior knowledge (RFC 9113 3.3). */
    H2C;

    @Override
    public Protocol forUpgrade() {
      return HTTP1;
    }
  }

  /**
   * Whether requests of one client go to one endpoint, as long as that is there and well.
   *
   * @param kind how clients are told apart
   * @param key with which endpoints are named in cookies, so that a name tells nothing of the
   *     address; empty for every other kind. Whoever may see it may see the addresses as well
   */
  public record Affinity(Kind kind, String key) {

    /** How clients are told apart. */
    public enum Kind {
      /** They are not. */
      NONE,
      /** By their address (Service {@code sessionAffinity: ClientIP}). */
      CLIENT_ADDRESS,
      /** By a cookie that they are given. */
      COOKIE
    }

    /** Every request for itself. */
    public static final Affinity NONE = new Affinity(Kind.NONE, "");

    /** One endpoint for each address. */
    public static final Affinity CLIENT_ADDRESS = new Affinity(Kind.CLIENT_ADDRESS, "");

    public Affinity {
      if ((kind == Kind.COOKIE) == key.isEmpty()) {
        throw new IllegalArgumentException("key: " + kind + " (expected: for cookies, only)");
      }
    }

    /** {@return one endpoint for each cookie, named with this key, which is not empty} */
    public static Affinity cookie(String key) {
      return new Affinity(Kind.COOKIE, key);
    }
  }

  public Backend {
    endpoints =
        endpoints.stream()
            .distinct()
            .sorted(
                java.util.Comparator.comparing(Endpoint::address)
                    .thenComparing(Endpoint::port)
                    .thenComparing(Endpoint::state))
            .toList();
  }

  /** Of requests that do not belong together. */
  public Backend(Id id, Protocol protocol, List<Endpoint> endpoints) {
    this(id, protocol, endpoints, Affinity.NONE);
  }

  /** Of endpoints that speak HTTP/1.1. */
  public Backend(Id id, List<Endpoint> endpoints) {
    this(id, Cleartext.HTTP1, endpoints);
  }

  /** {@return the key of the backend with this id} */
  public static String key(Id id) {
    return "backend/" + id;
  }

  @Override
  public String key() {
    return key(id);
  }

  @Override
  public byte[] sha256() {
    CanonicalText text = new CanonicalText().field("backend").field(key()).field(endpoints.size());
    for (Endpoint endpoint : endpoints) {
      text.field(endpoint.address()).field(endpoint.port()).field(endpoint.state().name());
    }
    // What is not said is HTTP/1.1, so that older replicas, which know nothing else, agree.
    switch (protocol) {
      case Cleartext clear -> {
        if (clear != Cleartext.HTTP1) {
          text.field(clear.name());
        }
      }
      case BackendTls tls -> tls.writeTo(text);
    }
    if (affinity.kind() != Affinity.Kind.NONE) {
      text.field("affinity").field(affinity.kind().name()).field(affinity.key());
    }
    return text.sha256();
  }

  /**
   * Names a backend: one port of one Service.
   *
   * @param namespace of the Service
   * @param service its name
   * @param port the port as the route names it, a number or a name
   */
  public record Id(String namespace, String service, String port) {

    @Override
    public String toString() {
      return namespace + "/" + service + ":" + port;
    }
  }

  /**
   * One address behind a backend.
   *
   * @param address an IPv4 or IPv6 literal, or a host name (EndpointSlice {@code addressType:
   *     FQDN})
   * @param port 1 to 65535
   * @param state whether new requests may go there
   */
  public record Endpoint(String address, int port, State state) {

    /** The EndpointSlice conditions, as far as routing cares (KEP-1672). */
    public enum State {
      /** Takes new requests. */
      READY,
      /** Terminating and still serving: used only when a backend has nothing that is ready. */
      DRAINING
    }

    public Endpoint {
      if (port < 1 || port > 65535) {
        throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
      }
    }

    /** {@return how an endpoint of this address and port is written (RFC 3986 3.2.2)} */
    public static String text(String address, int port) {
      return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port;
    }

    @Override
    public String toString() {
      return text(address, port);
    }
  }
}
