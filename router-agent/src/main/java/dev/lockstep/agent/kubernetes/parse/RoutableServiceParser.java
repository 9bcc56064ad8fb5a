package dev.lockstep.agent.kubernetes.parse;

import dev.lockstep.agent.kubernetes.parse.Intent.Birth;
import dev.lockstep.agent.kubernetes.parse.Intent.Rank;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.Route.Action;
import dev.lockstep.core.config.RoutePolicy;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a Service that asks to be routed by its label and its application annotations.
 *
 * <p>Whoever may come in is decided by a list alone, so a list that cannot be read lets nobody in:
 * unless the object was good before, all its hosts answer with a denial until it is mended.
 */
public final class RoutableServiceParser {
  static final String LABEL = "router.deis.io/routable";

  private static final int PORT = 80;
  private static final String CERTIFICATE_SUFFIX = "-cert";
  private static final int MAINTENANCE_STATUS = 503;
  private static final String MAINTENANCE_BODY = "This application is under maintenance.\n";

  private final Service service;
  private final Optional<String> platformDomain;
  private final AppAnnotations annotations;
  private final HostDrafts drafts = new HostDrafts();
  private final List<String> notes = new ArrayList<>();

  private RoutableServiceParser(Service service, Optional<String> platformDomain) {
    Map<String, String> all = service.getMetadata().getAnnotations();
    this.service = service;
    this.platformDomain = platformDomain;
    this.annotations = new AppAnnotations(all == null ? Map.of() : all);
  }

  /** {@return what the Service asks for} */
  public static Parsed parse(Service service, Optional<String> platformDomain) {
    Map<String, String> labels = service.getMetadata().getLabels();
    if (labels == null || !"true".equals(labels.get(LABEL))) {
      return new Parsed.Foreign("");
    }
    try {
      return new Parsed.Wanted(new RoutableServiceParser(service, platformDomain).read());
    } catch (Fault fault) {
      return new Parsed.Faulty(fault.reason(), denial(service, platformDomain));
    } catch (RuntimeException e) {
      // Nobody's object may stop the others, whatever it holds.
      return new Parsed.Faulty("it cannot be read: " + e, Optional.empty());
    }
  }

  /** {@return a denial for all hosts, if the list of who may come in is what cannot be read} */
  private static Optional<Intent> denial(Service service, Optional<String> platformDomain) {
    RoutableServiceParser parser = new RoutableServiceParser(service, platformDomain);
    try {
      parser.annotations.whitelist();
      return Optional.empty();
    } catch (Fault unreadable) {
      return parser.denyAll();
    }
  }

  private Optional<Intent> denyAll() {
    try {
      readDomains(Action.Forward.to(backend()));
    } catch (Fault noHosts) {
      return Optional.empty();
    }
    RoutePolicy open = RoutePolicy.OPEN;
    return Optional.of(
        intent(
            new RoutePolicy(
                Optional.of(List.of()), open.connectTimeout(), open.idleTimeout(), open.scheme())));
  }

  private Intent read() {
    boolean maintenance = annotations.flag(AppAnnotations.MAINTENANCE);
    if (service.getSpec() == null || !hasPort()) {
      throw new Fault("the Service has no port " + PORT);
    }
    readDomains(
        maintenance
            ? new Action.Respond(MAINTENANCE_STATUS, MAINTENANCE_BODY)
            : Action.Forward.to(backend()));
    readCertificates();
    annotations.ignored().forEach(key -> notes.add("annotation " + key + " is ignored"));
    return intent(policy());
  }

  private Intent intent(RoutePolicy policy) {
    return new Intent(
        SourceKind.SERVICE.key(service),
        Birth.of(service.getMetadata()),
        drafts.build(policy),
        notes);
  }

  private boolean hasPort() {
    return service.getSpec().getPorts().stream().anyMatch(port -> PORT == port.getPort());
  }

  private Backend.Id backend() {
    ObjectMeta meta = service.getMetadata();
    return new Backend.Id(meta.getNamespace(), meta.getName(), Integer.toString(PORT));
  }

  private void readDomains(Action action) {
    Route.Rule rule = new Route.Rule(new PathMatch(PathMatch.Type.PREFIX, "/"), action);
    for (String domain : annotations.domains()) {
      Optional<String> host = host(domain);
      if (host.isEmpty()) {
        notes.add("domain " + domain + " is not served: there is no platform domain");
      } else if (!drafts.add(host.get(), rule, Rank.WRITTEN)) {
        notes.add("domain " + domain + " is there twice");
      }
    }
    if (annotations.domains().isEmpty()) {
      notes.add("no domains");
    }
  }

  private void readCertificates() {
    for (AppAnnotations.Mapping mapping : annotations.certificates()) {
      Optional<String> host = host(mapping.domain());
      if (host.isEmpty() || !drafts.hosts().contains(host.get())) {
        notes.add("certificate for " + mapping.domain() + " is ignored: it is no domain of ours");
      } else {
        String secret = mapping.name() + CERTIFICATE_SUFFIX;
        drafts.certify(
            host.get(), new Certificate.Id(service.getMetadata().getNamespace(), secret));
      }
    }
  }

  /** {@return the host that a domain means; empty if it is bare and nothing completes it} */
  private Optional<String> host(String domain) {
    if (HostName.isBare(domain)) {
      return platformDomain.flatMap(suffix -> HostName.parse(domain + "." + suffix));
    }
    return Optional.of(
        HostName.parse(domain)
            .orElseThrow(
                () ->
                    new Fault(
                        AppAnnotations.DOMAINS
                            + ": "
                            + AppAnnotations.quoted(domain)
                            + " is no domain")));
  }

  private RoutePolicy policy() {
    RoutePolicy open = RoutePolicy.OPEN;
    return new RoutePolicy(
        annotations.whitelist(),
        annotations.timeSpan(AppAnnotations.CONNECT_TIMEOUT, open.connectTimeout()),
        annotations.timeSpan(AppAnnotations.TCP_TIMEOUT, open.idleTimeout()),
        annotations.flag(AppAnnotations.SSL_ENFORCE)
            ? RoutePolicy.Scheme.HTTPS_ONLY
            : RoutePolicy.Scheme.HTTP_AND_HTTPS);
  }
}
