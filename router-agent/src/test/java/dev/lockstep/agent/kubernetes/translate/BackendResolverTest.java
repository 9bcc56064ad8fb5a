package dev.lockstep.agent.kubernetes.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.RouterConfig;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which endpoints a Service port has. */
final class BackendResolverTest {
  private static final KubernetesSerialization YAML = new KubernetesSerialization();
  private static final Authorities NONE = new Authorities(RouterConfig.EMPTY);
  private static final String PORTS =
      "ports: [{name: http, port: 80, targetPort: web}, {name: admin, port: 81}]";

  private record Case(String name, String port, String slices, String expected) {}

  @Test
  void endpointsComeFromSlices() {
    check(
        List.of(
            new Case("by number", "80", v4("http", "{addresses: [10.0.0.1]}"), "10.0.0.1:8080"),
            new Case("by name", "http", v4("http", "{addresses: [10.0.0.1]}"), "10.0.0.1:8080"),
            new Case("other port", "81", v4("http", "{addresses: [10.0.0.1]}"), ""),
            new Case("no slice", "80", "", ""),
            new Case(
                "first address only",
                "80",
                v4("http", "{addresses: [10.0.0.1, 10.0.0.2]}"),
                "10.0.0.1:8080")));
  }

  @Test
  void whatConditionsDoNotSayCountsAsReady() {
    check(
        List.of(
            new Case("ready", "80", conditions("ready: true"), "10.0.0.1:8080"),
            new Case("not ready", "80", conditions("ready: false"), ""),
            new Case("nothing said", "80", conditions(""), "10.0.0.1:8080"),
            new Case(
                "terminating, serving",
                "80",
                conditions("ready: false, serving: true, terminating: true"),
                "10.0.0.1:8080 draining"),
            new Case(
                "terminating, serving unsaid",
                "80",
                conditions("ready: false, terminating: true"),
                "10.0.0.1:8080 draining"),
            new Case(
                "terminating, not serving",
                "80",
                conditions("ready: false, serving: false, terminating: true"),
                ""),
            new Case(
                "published although not ready",
                "80",
                conditions("ready: true, serving: false, terminating: true"),
                "10.0.0.1:8080")));
  }

  @Test
  void addressesThatLeadNowhereElseAreLeftOut() {
    check(
        List.of(
            new Case(
                "IPv6",
                "80",
                slice("IPv6", "http", "{addresses: ['2001:db8::1']}"),
                "[2001:db8::1]:8080"),
            new Case(
                "FQDN",
                "80",
                slice("FQDN", "http", "{addresses: [a.localhost]}"),
                "a.localhost:8080"),
            new Case("no address", "80", v4("http", "{addresses: [a.example.com]}"), ""),
            new Case("loopback", "80", v4("http", "{addresses: [127.0.0.1]}"), ""),
            new Case("metadata server", "80", v4("http", "{addresses: [169.254.169.254]}"), ""),
            new Case("IPv6 loopback", "80", slice("IPv6", "http", "{addresses: ['::1']}"), ""),
            new Case(
                "mapped loopback",
                "80",
                slice("IPv6", "http", "{addresses: ['::ffff:127.0.0.1']}"),
                ""),
            new Case("link-local", "80", slice("IPv6", "http", "{addresses: ['fe80::1']}"), "")));
  }

  @Test
  void slicesOfOneServiceAddUp() {
    check(
        List.of(
            new Case(
                "in two slices while it moves",
                "80",
                conditions("ready: false, serving: true, terminating: true")
                    + "---\n"
                    + conditions("ready: true"),
                "10.0.0.1:8080"),
            new Case(
                "two slices",
                "80",
                v4("http", "{addresses: [10.0.0.2]}")
                    + "---\n"
                    + v4("http", "{addresses: [10.0.0.1]}"),
                "10.0.0.1:8080 10.0.0.2:8080"),
            new Case(
                "without ports",
                "80",
                "addressType: IPv4\nendpoints: [{addresses: [10.0.0.1]}]",
                "")));
  }

  private static void check(List<Case> table) {
    for (Case row : table) {
      assertThat(text(resolve(row.port, PORTS, row.slices).backend()))
          .as(row.name)
          .isEqualTo(row.expected);
    }
  }

  @Test
  void aServiceWithOneUnnamedPortMatchesTheUnnamedPort() {
    assertThat(
            text(
                resolve("80", "ports: [{port: 80}]", v4("''", "{addresses: [10.0.0.1]}"))
                    .backend()))
        .isEqualTo("10.0.0.1:8080");
  }

  @Test
  void whatIsWrongIsSaid() {
    String slice = v4("http", "{addresses: [10.0.0.1]}");
    assertThat(resolve("82", PORTS, slice).problem()).isEqualTo("service a/web has no TCP port 82");
    assertThat(resolve("80", "ports: [{port: 80, protocol: UDP}]", slice).problem())
        .contains("no TCP port");
    assertThat(resolve("80", "type: ExternalName, externalName: x.test", slice).problem())
        .contains("ExternalName");
    assertThat(BackendResolver.resolve(id("80"), Optional.empty(), List.of(), NONE).problem())
        .isEqualTo("service a/web does not exist");
    assertThat(resolve("80", PORTS, "").problem()).isEmpty();
  }

  /** KEP-3726: what a Service port says that its endpoints speak. */
  @Test
  void applicationProtocolIsTheOneOfThePort() {
    String ports = "ports: [{name: a, port: 80%s}, {name: b, port: 81}]";
    for (String said : List.of("", ", appProtocol: http", ", appProtocol: kubernetes.io/ws")) {
      assertThat(resolve("80", ports.formatted(said), "").backend().protocol())
          .as(said)
          .isEqualTo(Backend.Cleartext.HTTP1);
    }
    String h2c = ports.formatted(", appProtocol: kubernetes.io/h2c");
    assertThat(resolve("a", h2c, "").backend().protocol()).isEqualTo(Backend.Cleartext.H2C);
    assertThat(resolve("b", h2c, "").backend().protocol()).isEqualTo(Backend.Cleartext.HTTP1);
  }

  @Test
  void affinityIsTheServicesOwnOrTheAnnotations() {
    String ports = "ports: [{port: 80}]";
    assertThat(resolve("80", ports, "").backend().affinity()).isEqualTo(Backend.Affinity.NONE);
    assertThat(resolve("80", ports + ", sessionAffinity: ClientIP", "").backend().affinity())
        .isEqualTo(Backend.Affinity.CLIENT_ADDRESS);
    Service annotated =
        YAML.unmarshal(
            "metadata: {uid: u1, annotations: {lockstep.dev/session-affinity: cookie}}\n"
                + "spec: {ports: [{port: 80}], sessionAffinity: ClientIP}",
            Service.class);
    assertThat(BackendResolver.resolve(id("80"), Optional.of(annotated), List.of(), NONE).backend())
        .extracting(Backend::affinity)
        .isEqualTo(Backend.Affinity.cookie("u1"));
    Service speakingTls =
        YAML.unmarshal(
            "metadata: {annotations: {lockstep.dev/backend-tls-verify: 'off'}}\n"
                + "spec: {ports: [{port: 80, appProtocol: https}], sessionAffinity: ClientIP}",
            Service.class);
    assertThat(BackendResolver.resolve(id("80"), Optional.of(speakingTls), List.of(), NONE))
        .extracting(it -> it.backend().affinity())
        .isEqualTo(Backend.Affinity.CLIENT_ADDRESS);
  }

  @Test
  void affinityThatMeansNothingIsServedWithoutAndSaid() {
    Service annotated =
        YAML.unmarshal(
            "metadata: {uid: u1, annotations: {lockstep.dev/session-affinity: Cookies}}\n"
                + "spec: {ports: [{port: 80}]}",
            Service.class);
    BackendResolver.Resolved resolved =
        BackendResolver.resolve(id("80"), Optional.of(annotated), List.of(), NONE);
    assertThat(resolved.backend().affinity()).isEqualTo(Backend.Affinity.NONE);
    assertThat(resolved.problem())
        .isEqualTo("service a/web: lockstep.dev/session-affinity: \"Cookies\" (expected: cookie)");
  }

  private static BackendResolver.Resolved resolve(String port, String spec, String slices) {
    Service service = YAML.unmarshal("spec: {" + spec + "}", Service.class);
    List<EndpointSlice> read =
        List.of(slices.split("---\n")).stream()
            .filter(text -> !text.isBlank())
            .map(text -> YAML.unmarshal(text, EndpointSlice.class))
            .toList();
    return BackendResolver.resolve(id(port), Optional.of(service), read, NONE);
  }

  private static Backend.Id id(String port) {
    return new Backend.Id("a", "web", port);
  }

  private static String conditions(String conditions) {
    return v4("http", "{addresses: [10.0.0.1], conditions: {" + conditions + "}}");
  }

  private static String v4(String port, String endpoint) {
    return slice("IPv4", port, endpoint);
  }

  private static String slice(String type, String port, String endpoint) {
    return "addressType: %s\nports: [{name: %s, port: 8080}]\nendpoints: [%s]\n"
        .formatted(type, port, endpoint);
  }

  private static String text(Backend backend) {
    return String.join(
        " ",
        backend.endpoints().stream()
            .map(
                endpoint ->
                    endpoint
                        + (endpoint.state() == Backend.Endpoint.State.DRAINING ? " draining" : ""))
            .toList());
  }
}
