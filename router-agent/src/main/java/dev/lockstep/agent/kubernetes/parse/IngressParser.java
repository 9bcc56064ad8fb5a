package dev.lockstep.agent.kubernetes.parse;

import dev.lockstep.agent.kubernetes.parse.Intent.Birth;
import dev.lockstep.agent.kubernetes.parse.Intent.Rank;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.Route.Action;
import dev.lockstep.core.config.RoutePolicy;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBackend;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressSpec;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceBackendPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads an Ingress of our class. Path types are those of the Kubernetes documentation, where
 * ImplementationSpecific means Prefix here. Secrets and Services are those of its own namespace.
 */
public final class IngressParser {
  private static final String ANY_HOST = "*";
  private static final PathMatch ALL_PATHS = new PathMatch(PathMatch.Type.PREFIX, "/");

  /** Annotations that mean something to other routers: who wrote them must hear that we do not. */
  private static final List<String> FOREIGN_ANNOTATIONS =
      List.of("nginx.ingress.kubernetes.io/", "router.deis.io/");

  private final Ingress ingress;
  private final String namespace;
  private final HostDrafts drafts = new HostDrafts();
  private final List<String> notes = new ArrayList<>();

  private IngressParser(Ingress ingress) {
    this.ingress = ingress;
    this.namespace = ingress.getMetadata().getNamespace();
  }

  /** {@return what the Ingress, which is of our class, asks for} */
  public static Parsed parse(Ingress ingress) {
    try {
      return new Parsed.Wanted(new IngressParser(ingress).read());
    } catch (Fault fault) {
      return new Parsed.Faulty(fault.reason(), Optional.empty());
    } catch (RuntimeException e) {
      // Nobody's object may stop the others, whatever it holds.
      return new Parsed.Faulty("it cannot be read: " + e, Optional.empty());
    }
  }

  private Intent read() {
    IngressSpec spec = ingress.getSpec();
    if (spec == null) {
      throw new Fault("spec: missing");
    }
    spec.getRules().forEach(this::readRule);
    if (spec.getDefaultBackend() != null) {
      readDefault(spec.getDefaultBackend());
    }
    spec.getTls().forEach(this::readTls);
    noteIgnoredAnnotations();
    return new Intent(
        SourceKind.INGRESS.key(ingress),
        Birth.of(ingress.getMetadata()),
        drafts.build(RoutePolicy.OPEN),
        notes);
  }

  private void readRule(IngressRule rule) {
    String host = host(rule.getHost());
    drafts.add(host);
    if (rule.getHttp() == null) {
      return;
    }
    for (HTTPIngressPath path : rule.getHttp().getPaths()) {
      PathMatch match = match(path);
      Route.Rule read = new Route.Rule(match, forward(path.getBackend(), match.value()));
      if (!drafts.add(host, read, Rank.WRITTEN)) {
        notes.add("path " + match.value() + " of host " + host + " is there twice: first serves");
      }
    }
  }

  /** It takes what no rule matches: other paths of the hosts named here, and all other hosts. */
  private void readDefault(IngressBackend backend) {
    Route.Rule rule = new Route.Rule(ALL_PATHS, forward(backend, "default"));
    drafts.hosts().forEach(host -> drafts.add(host, rule, Rank.IMPLIED));
    drafts.add(ANY_HOST, rule, Rank.IMPLIED);
  }

  private void readTls(IngressTLS tls) {
    String secret = tls.getSecretName();
    if (secret == null || secret.isEmpty()) {
      notes.add("tls without secretName is ignored");
      return;
    }
    Certificate.Id certificate = new Certificate.Id(namespace, secret);
    List<String> hosts =
        tls.getHosts().isEmpty()
            ? drafts.hosts()
            : tls.getHosts().stream().map(IngressParser::host).toList();
    hosts.forEach(host -> drafts.certify(host, certificate));
  }

  private static String host(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return ANY_HOST;
    }
    return HostName.parse(text).orElseThrow(() -> new Fault("host: " + text + " is no host name"));
  }

  private static PathMatch match(HTTPIngressPath path) {
    String value = path.getPath() == null || path.getPath().isEmpty() ? "/" : path.getPath();
    if (!value.startsWith("/")) {
      throw new Fault("path: " + value + " (expected: starts with '/')");
    }
    return switch (String.valueOf(path.getPathType())) {
      case "Exact" -> new PathMatch(PathMatch.Type.EXACT, value);
      case "Prefix", "ImplementationSpecific" -> new PathMatch(PathMatch.Type.PREFIX, value);
      default -> throw new Fault("pathType: " + path.getPathType() + " is unknown");
    };
  }

  private Action forward(IngressBackend backend, String where) {
    if (backend.getService() == null) {
      throw new Fault("backend of " + where + ": only Services can be backends");
    }
    ServiceBackendPort port = backend.getService().getPort();
    String name = port == null ? null : port.getName();
    Integer number = port == null ? null : port.getNumber();
    if (number == null && (name == null || name.isEmpty())) {
      throw new Fault("backend of " + where + ": the port is missing");
    }
    String text = number != null ? number.toString() : String.valueOf(name);
    return Action.Forward.to(new Backend.Id(namespace, backend.getService().getName(), text));
  }

  private void noteIgnoredAnnotations() {
    Map<String, String> annotations = ingress.getMetadata().getAnnotations();
    if (annotations == null) {
      return;
    }
    annotations.keySet().stream()
        .filter(key -> FOREIGN_ANNOTATIONS.stream().anyMatch(key::startsWith))
        .sorted()
        .forEach(key -> notes.add("annotation " + key + " is ignored"));
  }
}
