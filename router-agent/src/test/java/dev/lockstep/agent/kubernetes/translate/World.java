package dev.lockstep.agent.kubernetes.translate;

import dev.lockstep.agent.kubernetes.parse.SourceKind;
import dev.lockstep.agent.kubernetes.parse.TestCertificates.Issued;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.TlsBinding;
import dev.lockstep.core.protocol.Observation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A small cluster's worth of objects and the translator that watches them. Objects are written as
 * {@code namespace/name}; each write gets the next resourceVersion, each creation a new uid.
 */
final class World {
  private static final TranslationSettings SETTINGS =
      new TranslationSettings("lockstep", Optional.of("apps.test"));
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private final Map<ObjectKey, String> births = new HashMap<>();
  private final Map<ObjectKey, HasMetadata> objects = new TreeMap<>();
  private final Map<ObjectKey, Observation> observations = new HashMap<>();
  private Translator translator;
  private RouterConfig config;
  private List<Observation> news = List.of();
  private List<Translation.Complaint> complaints = List.of();
  private long clock = 100;

  World() {
    this(RouterConfig.EMPTY);
  }

  World(RouterConfig previous) {
    this.config = previous;
    this.translator = new Translator(SETTINGS, previous);
  }

  /** Another leader takes over: it knows the config and nothing else, and lists everything. */
  World failOver() {
    translator = new Translator(SETTINGS, config);
    objects.forEach(translator::put);
    return settle();
  }

  /** {@return the digest of what a translator makes of these objects that never saw others} */
  String fromScratch() {
    Translator fresh = new Translator(SETTINGS, RouterConfig.EMPTY);
    objects.forEach(fresh::put);
    return fresh.settle().config().digest().hex();
  }

  World settle() {
    Translation translation = translator.settle();
    config = translation.config();
    news = translation.observations();
    complaints = translation.complaints();
    news.forEach(observation -> observations.put(observation.object(), observation));
    return this;
  }

  RouterConfig config() {
    return config;
  }

  List<Observation> news() {
    return news;
  }

  List<Translation.Complaint> complaints() {
    return complaints;
  }

  /** {@return what was said of the object last} */
  Observation said(SourceKind kind, String path) {
    return observations.get(key(kind, path));
  }

  /** {@return who serves the host, by path: {@code /a -> namespace/service:port}} */
  String served(String host) {
    StringBuilder text = new StringBuilder();
    for (var route : config.routes(host)) {
      String policy = route.policy().allowedSources().map(sources -> " only " + sources).orElse("");
      route
          .rules()
          .forEach(
              rule -> {
                String action =
                    rule.action() instanceof dev.lockstep.core.config.Route.Action.Forward forward
                        ? forward.shares().getFirst().backend().toString()
                        : "answer";
                text.append(text.isEmpty() ? "" : ", ").append(rule.match().value());
                text.append(" -> ").append(action).append(policy);
              });
    }
    return text.toString();
  }

  /** {@return the certificate that TLS clients of the host get} */
  Optional<Certificate> certificate(String host) {
    return config
        .entries()
        .get(TlsBinding.key(host))
        .map(TlsBinding.class::cast)
        .flatMap(binding -> config.certificate(binding.certificate()));
  }

  World delete(SourceKind kind, String path) {
    ObjectKey key = key(kind, path);
    objects.remove(key);
    births.remove(key);
    translator.remove(key, ++clock);
    return this;
  }

  /** Writes an Ingress of our class with one rule {@code path -> service:80} for a host. */
  World ingress(String path, String host, String at, String service) {
    return ingress(
        path,
        """
        ingressClassName: lockstep
        rules:
        - host: %s
          http:
            paths:
            - {path: %s, pathType: Prefix, backend: {service: {name: %s, port: {number: 80}}}}
        """
            .formatted(host, at, service));
  }

  World ingress(String path, String spec) {
    return put(SourceKind.INGRESS, path, "spec:\n" + spec.indent(2));
  }

  /** Writes a labelled Service with these annotations, each {@code name: value}. */
  World app(String path, String... annotations) {
    StringBuilder text = new StringBuilder("spec: {ports: [{name: http, port: 80}]}\n");
    return put(
        SourceKind.SERVICE,
        path,
        text.toString(),
        "labels: {router.deis.io/routable: 'true'}",
        "annotations: {" + prefixed(annotations) + "}");
  }

  private static String prefixed(String... annotations) {
    return String.join(
        ", ", List.of(annotations).stream().map(line -> "router.deis.io/" + line).toList());
  }

  World service(String path) {
    return service(path, "ports: [{name: http, port: 80}]");
  }

  World service(String path, String spec) {
    return put(SourceKind.SERVICE, path, "spec: {" + spec + "}\n");
  }

  /** Writes a Service whose port 80 speaks TLS, with these annotations of {@code backend-tls-}. */
  World tlsService(String path, String appProtocol, String... annotations) {
    List<String> prefixed =
        List.of(annotations).stream().map(line -> "lockstep.dev/backend-tls-" + line).toList();
    return put(
        SourceKind.SERVICE,
        path,
        "spec: {ports: [{name: http, port: 80, appProtocol: " + appProtocol + "}]}\n",
        "annotations: {" + String.join(", ", prefixed) + "}");
  }

  /** Writes a slice {@code path} of the Service with these ready addresses, port 8080. */
  World slice(String path, String service, String... addresses) {
    StringBuilder text =
        new StringBuilder("addressType: IPv4\nports: [{name: http, port: 8080}]\n");
    text.append("endpoints: [");
    for (String address : addresses) {
      text.append("{addresses: ['").append(address).append("']}, ");
    }
    return put(
        SourceKind.ENDPOINT_SLICE,
        path,
        text.append("]\n").toString(),
        "labels: {kubernetes.io/service-name: " + service + "}");
  }

  World secret(String path, Issued certificate) {
    return secret(path, certificate.certificatePem(), certificate.keyPem());
  }

  World secret(String path, String chain, String key) {
    String data = "data: {tls.crt: '" + base64(chain) + "', tls.key: '" + base64(key) + "'}\n";
    return put(SourceKind.SECRET, path, "type: kubernetes.io/tls\n" + data);
  }

  /** Writes a Secret with this as the authority, and no certificate. */
  World authority(String path, String pem) {
    String data = "data: {tls.crt: '', tls.key: '', ca.crt: '" + base64(pem) + "'}\n";
    return put(SourceKind.SECRET, path, "type: kubernetes.io/tls\n" + data);
  }

  World defaultClass(String name, String controller) {
    return put(
        SourceKind.INGRESS_CLASS,
        "/" + name,
        "spec: {controller: " + controller + "}\n",
        "annotations: {ingressclass.kubernetes.io/is-default-class: 'true'}");
  }

  private World put(SourceKind kind, String path, String body, String... meta) {
    ObjectKey key = key(kind, path);
    clock++;
    String birth =
        births.computeIfAbsent(
            key,
            k ->
                "uid: u%d\n  creationTimestamp: '2026-01-01T%02d:%02d:%02dZ'"
                    .formatted(clock, clock / 3600, clock / 60 % 60, clock % 60));
    StringBuilder yaml = new StringBuilder("metadata:\n  name: ").append(key.name());
    yaml.append("\n  namespace: '").append(key.namespace()).append("'\n  ").append(birth);
    yaml.append("\n  resourceVersion: '").append(clock).append("'\n");
    for (String line : meta) {
      yaml.append("  ").append(line).append('\n');
    }
    HasMetadata object = YAML.unmarshal(yaml.append(body).toString(), type(kind));
    objects.put(key, object);
    translator.put(key, object);
    return this;
  }

  private static Class<? extends HasMetadata> type(SourceKind kind) {
    return switch (kind) {
      case INGRESS -> Ingress.class;
      case INGRESS_CLASS -> IngressClass.class;
      case SERVICE -> Service.class;
      case ENDPOINT_SLICE -> EndpointSlice.class;
      case SECRET -> Secret.class;
    };
  }

  static ObjectKey key(SourceKind kind, String path) {
    int slash = path.indexOf('/');
    return kind.key(path.substring(0, slash), path.substring(slash + 1));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }
}
