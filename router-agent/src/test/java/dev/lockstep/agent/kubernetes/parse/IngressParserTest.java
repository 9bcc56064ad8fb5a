package dev.lockstep.agent.kubernetes.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.kubernetes.parse.Intent.HostIntent;
import dev.lockstep.agent.kubernetes.parse.Intent.Rank;
import dev.lockstep.agent.kubernetes.parse.Intent.RuleIntent;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.PathMatch.Type;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.Route.Action;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What an Ingress asks for. */
final class IngressParserTest {

  @Test
  void rulesBecomeHostsAndMatches() {
    Intent intent =
        wanted(
            """
            rules:
            - host: Shop.example.com
              http:
                paths:
                - {path: /a/, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}
                - {path: /a, pathType: Exact, backend: {service: {name: b, port: {name: web}}}}
                - path: /i
                  pathType: ImplementationSpecific
                  backend: {service: {name: c, port: {number: 1}}}
            - host: "*.example.com"
              http:
                paths:
                - pathType: ImplementationSpecific
                  backend: {service: {name: d, port: {number: 2}}}
            - http:
                paths:
                - {path: /, pathType: Prefix, backend: {service: {name: e, port: {number: 3}}}}
            """);
    assertThat(intent.hosts())
        .extracting(HostIntent::host)
        .containsExactly("shop.example.com", "*.example.com", "*");
    assertThat(intent.hosts())
        .extracting(HostIntent::rules)
        .containsExactly(
            List.of(
                rule(Type.PREFIX, "/a", "a:80", Rank.WRITTEN),
                rule(Type.EXACT, "/a", "b:web", Rank.WRITTEN),
                rule(Type.PREFIX, "/i", "c:1", Rank.WRITTEN)),
            List.of(rule(Type.PREFIX, "/", "d:2", Rank.WRITTEN)),
            List.of(rule(Type.PREFIX, "/", "e:3", Rank.WRITTEN)));
    assertThat(intent.notes()).isEmpty();
  }

  @Test
  void theDefaultBackendTakesWhatNoRuleMatches() {
    Intent intent =
        wanted(
            """
            defaultBackend: {service: {name: all, port: {number: 9}}}
            rules:
            - host: a.example.com
              http:
                paths:
                - {path: /x, pathType: Prefix, backend: {service: {name: x, port: {number: 80}}}}
            - host: b.example.com
              http:
                paths:
                - {path: /, pathType: Prefix, backend: {service: {name: b, port: {number: 80}}}}
            - host: c.example.com
            """);
    RuleIntent rest = rule(Type.PREFIX, "/", "all:9", Rank.IMPLIED);
    assertThat(intent.hosts())
        .extracting(HostIntent::rules)
        .containsExactly(
            List.of(rule(Type.PREFIX, "/x", "x:80", Rank.WRITTEN), rest),
            List.of(rule(Type.PREFIX, "/", "b:80", Rank.WRITTEN)),
            List.of(rest),
            List.of(rest));
    assertThat(intent.hosts().getLast().host()).isEqualTo("*");
  }

  @Test
  void tlsNamesSecretsOfTheSameNamespace() {
    Intent intent =
        wanted(
            """
            tls:
            - {hosts: [a.example.com], secretName: a}
            - {hosts: [a.example.com, tls-only.example.com], secretName: b}
            - {hosts: [a.example.com]}
            rules:
            - host: a.example.com
            - host: plain.example.com
            """);
    assertThat(intent.hosts())
        .extracting(HostIntent::host, HostIntent::certificate)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("a.example.com", certificate("a")),
            org.assertj.core.groups.Tuple.tuple("plain.example.com", Optional.empty()),
            org.assertj.core.groups.Tuple.tuple("tls-only.example.com", certificate("b")));
    assertThat(intent.notes()).containsExactly("tls without secretName is ignored");
  }

  @Test
  void tlsWithoutHostsIsForAllHostsOfTheIngress() {
    Intent intent =
        wanted(
            """
            tls: [{secretName: a}]
            rules: [{host: a.example.com}, {host: b.example.com}]
            """);
    assertThat(intent.hosts()).extracting(HostIntent::certificate).containsOnly(certificate("a"));
  }

  @Test
  void theFirstOfTwoEqualPathsServes() {
    Intent intent =
        wanted(
            """
            rules:
            - host: a.example.com
              http:
                paths:
                - {path: /a, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}
                - {path: /a/, pathType: Prefix, backend: {service: {name: b, port: {number: 80}}}}
            """);
    assertThat(intent.hosts().getFirst().rules())
        .containsExactly(rule(Type.PREFIX, "/a", "a:80", Rank.WRITTEN));
    assertThat(intent.notes())
        .containsExactly("path /a of host a.example.com is there twice: first serves");
  }

  private record Bad(String name, String spec, String reason) {}

  @Test
  void whatCannotBeServedIsAFault() {
    List<Bad> table =
        List.of(
            new Bad("host", "rules: [{host: a_b}]", "no host name"),
            new Bad("TLS host", "tls: [{hosts: ['a b'], secretName: x}]", "no host name"),
            new Bad(
                "resource",
                "defaultBackend: {resource: {kind: Bucket, name: b}}",
                "only Services can be backends"),
            new Bad("no port", "defaultBackend: {service: {name: a}}", "the port is missing"),
            new Bad("path", path("a", "Prefix"), "starts with '/'"),
            new Bad("type", path("/a", "Regex"), "pathType: Regex is unknown"),
            new Bad("no type", path("/a", "''"), "is unknown"));
    for (Bad row : table) {
      assertThat(parse(row.spec))
          .as(row.name)
          .isInstanceOfSatisfying(
              Parsed.Faulty.class, faulty -> assertThat(faulty.reason()).contains(row.reason));
    }
  }

  private static String path(String path, String type) {
    return """
    rules:
    - host: a.example.com
      http:
        paths:
        - {path: %s, pathType: %s, backend: {service: {name: a, port: {number: 80}}}}
    """
        .formatted(path, type);
  }

  private static Intent wanted(String spec) {
    return ((Parsed.Wanted) parse(spec)).intent();
  }

  private static Parsed parse(String spec) {
    String yaml =
        """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {namespace: shop, name: web, uid: u, creationTimestamp: "2026-01-01T00:00:00Z"}
        spec:
        """
            + spec.indent(2);
    return IngressParser.parse(new KubernetesSerialization().unmarshal(yaml, Ingress.class));
  }

  private static Optional<Certificate.Id> certificate(String name) {
    return Optional.of(new Certificate.Id("shop", name));
  }

  private static RuleIntent rule(Type type, String path, String backend, Rank rank) {
    String[] parts = backend.split(":");
    return new RuleIntent(
        new Route.Rule(
            new PathMatch(type, path),
            Action.Forward.to(new Backend.Id("shop", parts[0], parts[1]))),
        rank);
  }
}
