package dev.lockstep.agent.kubernetes.translate;

import dev.lockstep.agent.kubernetes.parse.BackendTlsParser;
import dev.lockstep.agent.kubernetes.parse.HostName;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Backend.Endpoint;
import dev.lockstep.core.config.BackendTls;
import dev.lockstep.core.config.IpAddress;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Finds the endpoints of a Service port, and what they speak. Pure but for what it needs. */
final class BackendResolver {
  /**
   * A backend, and what is wrong with it.
   *
   * @param backend without endpoints if it cannot be served
   * @param problem for people; empty if all is well, which having no ready endpoint is
   */
  record Resolved(Backend backend, String problem) {}

  /** On a Service: {@code cookie} keeps each client with one endpoint. */
  static final String AFFINITY = "lockstep.dev/session-affinity";

  private static final String COOKIE = "cookie";

  private final Backend.Id id;
  private final String name;
  private final Collection<EndpointSlice> slices;
  private final Authorities authorities;

  private BackendResolver(
      Backend.Id id, Collection<EndpointSlice> slices, Authorities authorities) {
    this.id = id;
    this.name = "service " + id.namespace() + "/" + id.service();
    this.slices = slices;
    this.authorities = authorities;
  }

  /** {@return the backend as the objects make it; without endpoints if there is none} */
  static Resolved resolve(
      Backend.Id id,
      Optional<Service> service,
      Collection<EndpointSlice> slices,
      Authorities authorities) {
    authorities.release(id);
    BackendResolver resolver = new BackendResolver(id, slices, authorities);
    try {
      return resolver.resolve(service);
    } catch (RuntimeException e) {
      // Nobody's object may stop the others, whatever it holds.
      return resolver.without("service " + id + " cannot be read: " + e);
    }
  }

  private Resolved resolve(Optional<Service> service) {
    if (service.isEmpty() || service.get().getSpec() == null) {
      return without(name + " does not exist");
    }
    if (isExternal(service.get())) {
      // Its name could lead anywhere, to this machine and to metadata servers as well.
      return without(name + " has type ExternalName, which is not served");
    }
    Optional<ServicePort> port = port(service.get(), id.port());
    if (port.isEmpty()) {
      return without(name + " has no TCP port " + id.port());
    }
    List<Endpoint> endpoints = endpoints(text(port.get().getName()));
    // KEP-3726, and IANA's names, in which case does not matter.
    return switch (text(port.get().getAppProtocol()).toLowerCase(Locale.ROOT)) {
      case "https" -> tls(BackendTls.Versions.HTTP2_OR_HTTP1, service.get(), endpoints);
      case "kubernetes.io/wss" -> tls(BackendTls.Versions.HTTP1, service.get(), endpoints);
      case "kubernetes.io/h2c" -> clear(Backend.Cleartext.H2C, service.get(), endpoints);
      // WebSocket begins as HTTP/1.1; what is not known is most likely that as well.
      default -> clear(Backend.Cleartext.HTTP1, service.get(), endpoints);
    };
  }

  private List<Endpoint> endpoints(String portName) {
    Map<String, Endpoint> endpoints = new TreeMap<>();
    for (EndpointSlice slice : slices) {
      for (EndpointPort candidate : slice.getPorts()) {
        if (text(candidate.getName()).equals(portName) && candidate.getPort() != null) {
          collect(slice, candidate.getPort(), endpoints);
        }
      }
    }
    return List.copyOf(endpoints.values());
  }

  private Resolved clear(Backend.Cleartext protocol, Service service, List<Endpoint> endpoints) {
    return served(new Backend(id, protocol, endpoints, affinity(service)), service, "");
  }

  /** What is asked for in words that mean nothing is served without it, and said. */
  private Resolved served(Backend backend, Service service, String problem) {
    String affinity = annotations(service).getOrDefault(AFFINITY, COOKIE);
    return affinity.equals(COOKIE) || !problem.isEmpty()
        ? new Resolved(backend, problem)
        : new Resolved(
            backend, name + ": " + AFFINITY + ": \"" + affinity + "\" (expected: cookie)");
  }

  /** What the Service says itself, unless our own annotation asks for cookies. */
  private static Backend.Affinity affinity(Service service) {
    ObjectMeta meta = service.getMetadata();
    if (meta != null && COOKIE.equals(annotations(service).get(AFFINITY))) {
      // Drawn by the API server for this object, and shown to nobody who may not see addresses.
      String uid = text(meta.getUid());
      return Backend.Affinity.cookie(uid.isEmpty() ? id(meta) : uid);
    }
    return "ClientIP".equals(service.getSpec().getSessionAffinity())
        ? Backend.Affinity.CLIENT_ADDRESS
        : Backend.Affinity.NONE;
  }

  private static String id(ObjectMeta meta) {
    return meta.getNamespace() + "/" + meta.getName();
  }

  private static Map<String, String> annotations(Service service) {
    ObjectMeta meta = service.getMetadata();
    Map<String, String> annotations = meta == null ? null : meta.getAnnotations();
    return annotations == null ? Map.of() : annotations;
  }

  /** Where nobody can be believed, nobody is asked. */
  private Resolved tls(BackendTls.Versions versions, Service service, List<Endpoint> endpoints) {
    return switch (BackendTlsParser.parse(id, annotations(service))) {
      case BackendTlsParser.Bad bad -> without(name + ": " + bad.reason());
      case BackendTlsParser.Good good -> {
        Authorities.Found found = found(good.trust());
        String problem = found.problem().isEmpty() ? "" : name + ": " + found.problem();
        yield found
            .trust()
            .map(trust -> new BackendTls(versions, good.serverName(), trust))
            .map(tls -> new Backend(id, tls, endpoints, affinity(service)))
            .map(backend -> served(backend, service, problem))
            .orElseGet(() -> without(problem));
      }
    };
  }

  private Authorities.Found found(BackendTlsParser.Trusted trusted) {
    return switch (trusted) {
      case BackendTlsParser.Known.ANYONE -> known(BackendTls.Known.ANYONE);
      case BackendTlsParser.Known.PUBLIC -> known(BackendTls.Known.PUBLIC);
      case BackendTlsParser.CaOf ca -> authorities.of(id, ca.secret());
    };
  }

  private static Authorities.Found known(BackendTls.Known trust) {
    return new Authorities.Found(Optional.of(trust), "");
  }

  static boolean isExternal(Service service) {
    return service.getSpec() != null && "ExternalName".equals(service.getSpec().getType());
  }

  private Resolved without(String problem) {
    return new Resolved(new Backend(id, List.of()), problem);
  }

  private static Optional<ServicePort> port(Service service, String wanted) {
    return service.getSpec().getPorts().stream()
        .filter(port -> port.getProtocol() == null || port.getProtocol().equals("TCP"))
        .filter(
            port -> wanted.equals(port.getName()) || wanted.equals(String.valueOf(port.getPort())))
        .findFirst();
  }

  private static void collect(EndpointSlice slice, int port, Map<String, Endpoint> endpoints) {
    if (port < 1 || port > 65535) {
      return;
    }
    for (var endpoint : slice.getEndpoints()) {
      Optional<Endpoint.State> state = state(endpoint.getConditions());
      // All addresses of one endpoint are the same backend: only the first is to be used.
      Optional<String> address = endpoint.getAddresses().stream().findFirst();
      if (state.isPresent() && address.filter(a -> isServed(slice, a)).isPresent()) {
        Endpoint found = new Endpoint(address.get(), port, state.get());
        // The same endpoint may stand in two slices while it moves: ready holds.
        endpoints.merge(found.toString(), found, (a, b) -> isReady(a) ? a : b);
      }
    }
  }

  private static boolean isReady(Endpoint endpoint) {
    return endpoint.state() == Endpoint.State.READY;
  }

  /** KEP-1672: what is not said is true for ready and serving, false for terminating. */
  private static Optional<Endpoint.State> state(@Nullable EndpointConditions conditions) {
    if (conditions == null || !Boolean.FALSE.equals(conditions.getReady())) {
      return Optional.of(Endpoint.State.READY);
    }
    boolean draining =
        Boolean.TRUE.equals(conditions.getTerminating())
            && !Boolean.FALSE.equals(conditions.getServing());
    return draining ? Optional.of(Endpoint.State.DRAINING) : Optional.empty();
  }

  private static boolean isServed(EndpointSlice slice, String address) {
    return switch (String.valueOf(slice.getAddressType())) {
      case "IPv4", "IPv6" -> IpAddress.parse(address).filter(ip -> !isLocal(ip)).isPresent();
      case "FQDN" -> HostName.parse(address).filter(name -> !name.startsWith("*")).isPresent();
      default -> false;
    };
  }

  /** Loopback, link-local and unspecified addresses: never another workload (S29). */
  private static boolean isLocal(byte[] address) {
    byte[] ip = IpAddress.unmapped(address);
    int first = ip[0] & 0xff;
    int second = ip[1] & 0xff;
    if (ip.length == 4) {
      return first == 0 || first == 127 || (first == 169 && second == 254);
    }
    boolean highBitsZero = true;
    for (int i = 0; i < 15; i++) {
      highBitsZero &= ip[i] == 0;
    }
    return (highBitsZero && (ip[15] & 0xff) <= 1) || (first == 0xfe && (second & 0xc0) == 0x80);
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }
}
