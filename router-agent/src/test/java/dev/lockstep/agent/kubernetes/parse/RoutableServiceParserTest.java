package dev.lockstep.agent.kubernetes.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.kubernetes.parse.Intent.HostIntent;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Cidr;
import dev.lockstep.core.config.Route.Action;
import dev.lockstep.core.config.RoutePolicy;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The published contract of the application annotations, row by row. */
final class RoutableServiceParserTest {
  private static final Optional<String> PLATFORM = Optional.of("apps.example.com");

  @Test
  void domainsBecomeHosts() {
    Intent intent = wanted(Map.of("domains", "web, www.Shop.com,*.shop.com ,"));
    assertThat(intent.hosts())
        .extracting(HostIntent::host)
        .containsExactly("web.apps.example.com", "www.shop.com", "*.shop.com");
    assertThat(intent.hosts())
        .allSatisfy(
            host -> {
              assertThat(host.policy()).isEqualTo(RoutePolicy.OPEN);
              assertThat(host.certificate()).isEmpty();
              assertThat(host.rules())
                  .extracting(rule -> rule.rule().action())
                  .containsExactly(Action.Forward.to(new Backend.Id("shop", "web", "80")));
            });
    assertThat(intent.notes()).isEmpty();
  }

  @Test
  void aBareDomainNeedsAPlatformDomain() {
    Parsed parsed = parse(Map.of("domains", "web,www.shop.com"), Optional.empty());
    Intent intent = ((Parsed.Wanted) parsed).intent();
    assertThat(intent.hosts()).extracting(HostIntent::host).containsExactly("www.shop.com");
    assertThat(intent.notes())
        .containsExactly("domain web is not served: there is no platform domain");
  }

  @Test
  void certificatesAreSecretsWithASuffix() {
    Intent intent =
        wanted(
            Map.of(
                "domains", "web,www.shop.com",
                "certificates", "www.shop.com:shop, web:wild,old.shop.com:old"));
    assertThat(intent.hosts())
        .extracting(HostIntent::certificate)
        .containsExactly(
            Optional.of(new Certificate.Id("shop", "wild-cert")),
            Optional.of(new Certificate.Id("shop", "shop-cert")));
    // A mapping that outlived its domain: nobody could remove the last one.
    assertThat(intent.notes())
        .containsExactly("certificate for old.shop.com is ignored: it is no domain of ours");
  }

  private record Policy(Map<String, String> annotations, RoutePolicy expected) {}

  @Test
  void annotationsBecomeThePolicy() {
    RoutePolicy open = RoutePolicy.OPEN;
    List<Policy> table =
        List.of(
            new Policy(Map.of(), open),
            new Policy(Map.of("whitelist", ""), open),
            new Policy(Map.of("whitelist", "10.1.2.3"), allowing("10.1.2.3/32")),
            new Policy(
                Map.of("whitelist", "10.0.0.0/8, 2001:db8::/32"),
                allowing("10.0.0.0/8", "2001:db8::/32")),
            new Policy(Map.of("connectTimeout", "10"), timeouts(10, 1300)),
            new Policy(Map.of("connectTimeout", "5s", "tcpTimeout", "2m"), timeouts(5, 120)),
            new Policy(Map.of("ssl.enforce", "True"), enforced()),
            new Policy(Map.of("ssl.enforce", "false"), open),
            new Policy(Map.of("ssl.enforce", "FALSE"), open));
    for (Policy row : table) {
      assertThat(wanted(withDomain(row.annotations)).hosts())
          .as("%s", row.annotations)
          .extracting(HostIntent::policy)
          .containsExactly(row.expected);
    }
  }

  @Test
  void maintenanceAnswersAtOnce() {
    HostIntent host = wanted(withDomain(Map.of("maintenance", "True"))).hosts().getFirst();
    assertThat(host.rules().getFirst().rule().action())
        .isInstanceOfSatisfying(
            Action.Respond.class, answer -> assertThat(answer.status()).isEqualTo(503));
  }

  @Test
  void whatIsNotServedIsSaid() {
    assertThat(
            wanted(withDomain(Map.of("nginx.proxyBuffers.number", "999999999999", "zzz", "1")))
                .notes())
        .containsExactly(
            "annotation router.deis.io/nginx.proxyBuffers.number is ignored",
            "annotation router.deis.io/zzz is ignored");
  }

  @Test
  void aServiceWithoutDomainsAsksForNothing() {
    Intent intent = wanted(Map.of());
    assertThat(intent.hosts()).isEmpty();
    assertThat(intent.notes()).containsExactly("no domains");
  }

  @Test
  void aServiceWithoutTheLabelIsNotOurs() {
    for (String label : List.of("false", "True", "")) {
      var service =
          new ServiceBuilder(Services.with(Map.of()))
              .editMetadata()
              .addToLabels(RoutableServiceParser.LABEL, label)
              .endMetadata()
              .build();
      assertThat(RoutableServiceParser.parse(service, PLATFORM)).isInstanceOf(Parsed.Foreign.class);
    }
  }

  private record Bad(String key, String value, String reason) {}

  @Test
  void badValuesAreFaults() {
    List<Bad> table =
        List.of(
            new Bad("domains", "a_b.com", "is no domain"),
            new Bad("domains", "a.com b.com", "is no domain"),
            new Bad("certificates", "www.shop.com", "expected: domain:name"),
            new Bad("certificates", "www.shop.com:a:b", "expected: domain:name"),
            new Bad("certificates", "www.shop.com:../x", "expected: domain:name"),
            new Bad("connectTimeout", "soon", "expected: a time"),
            new Bad("tcpTimeout", "99999999999", "expected: a time"),
            new Bad("maintenance", "yes", "expected: true or false"),
            new Bad("ssl.enforce", "1", "expected: true or false"));
    for (Bad row : table) {
      assertThat(parse(withDomain(Map.of(row.key, row.value)), PLATFORM))
          .as("%s=%s", row.key, row.value)
          .isInstanceOfSatisfying(
              Parsed.Faulty.class,
              faulty -> {
                assertThat(faulty.reason()).contains(row.key).contains(row.reason);
                assertThat(faulty.fallback()).isEmpty();
              });
    }
  }

  /** B3, B5: a list that cannot be read must never mean "everyone". */
  @Test
  void aBadWhitelistLetsNobodyIn() {
    for (String value :
        List.of("10.0.0.0/33", "1.2.3.41.2.3.4", "10.0.0.1,", ",", "10.0.0.0/8,office", "::1::")) {
      assertThat(parse(withDomain(Map.of("whitelist", value)), PLATFORM))
          .as(value)
          .isInstanceOfSatisfying(
              Parsed.Faulty.class,
              faulty ->
                  assertThat(faulty.fallback().orElseThrow().hosts())
                      .extracting(host -> host.policy().allowedSources())
                      .containsExactly(Optional.of(List.of())));
    }
  }

  @Test
  void aServiceWithoutPort80IsAFault() {
    var service =
        new ServiceBuilder(Services.with(Map.of()))
            .editSpec()
            .editFirstPort()
            .withPort(8080)
            .endPort()
            .endSpec()
            .build();
    assertThat(RoutableServiceParser.parse(service, PLATFORM))
        .isEqualTo(new Parsed.Faulty("the Service has no port 80", Optional.empty()));
  }

  private static Map<String, String> withDomain(Map<String, String> annotations) {
    Map<String, String> all = new HashMap<>(annotations);
    all.putIfAbsent("domains", "www.shop.com");
    return all;
  }

  private static Intent wanted(Map<String, String> annotations) {
    return ((Parsed.Wanted) parse(annotations, PLATFORM)).intent();
  }

  private static Parsed parse(Map<String, String> annotations, Optional<String> platform) {
    Map<String, String> prefixed = new HashMap<>();
    annotations.forEach((key, value) -> prefixed.put(AppAnnotations.PREFIX + key, value));
    return RoutableServiceParser.parse(Services.with(prefixed), platform);
  }

  private static RoutePolicy allowing(String... blocks) {
    RoutePolicy open = RoutePolicy.OPEN;
    List<Cidr> allowed = List.of(blocks).stream().map(b -> Cidr.parse(b).orElseThrow()).toList();
    return new RoutePolicy(
        Optional.of(allowed), open.connectTimeout(), open.idleTimeout(), open.scheme());
  }

  private static RoutePolicy timeouts(int connect, int idle) {
    return new RoutePolicy(
        Optional.empty(),
        Duration.ofSeconds(connect),
        Duration.ofSeconds(idle),
        RoutePolicy.OPEN.scheme());
  }

  private static RoutePolicy enforced() {
    RoutePolicy open = RoutePolicy.OPEN;
    return new RoutePolicy(
        Optional.empty(), open.connectTimeout(), open.idleTimeout(), RoutePolicy.Scheme.HTTPS_ONLY);
  }
}
