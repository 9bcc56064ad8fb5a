package dev.lockstep.agent.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Cidr;
import dev.lockstep.core.protocol.Timings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The settings as a user gives them: which source wins, what is refused, and how it is said. */
class AgentSettingsTest {
  private static final Map<String, String> POD =
      Map.of(
          "LOCKSTEP_POD_NAME", "lockstep-7f9c",
          "LOCKSTEP_POD_UID", "6ba7b810",
          "LOCKSTEP_POD_NAMESPACE", "routing",
          "LOCKSTEP_POD_IP", "10.1.2.3");

  @TempDir Path directory;

  @Test
  void identityIsEnoughAndTheRestHasDefaults() {
    AgentSettings settings = read(List.of(), POD);
    assertThat(settings.pod())
        .isEqualTo(new AgentSettings.Pod("lockstep-7f9c", "6ba7b810", "routing", ""));
    assertThat(settings.timings()).isEqualTo(Timings.STANDARD);
    assertThat(settings.kubernetes().leaseNamespace()).isEqualTo("routing");
    assertThat(settings.advertise())
        .isEqualTo(
            new AgentSettings.Advertise(
                "http://10.1.2.3:8080",
                "https://10.1.2.3:8443",
                "http://10.1.2.3:8090",
                "https://10.1.2.3:8091"));
  }

  @Test
  void flagGoesBeforeEnvironmentBeforeFileBeforeDefault() throws IOException {
    Path file = directory.resolve("settings.yaml");
    Files.writeString(file, "lease: file\ningress-class: file\npod-selector: file\n");
    Map<String, String> environment = new HashMap<>(POD);
    environment.put("LOCKSTEP_CONFIG", file.toString());
    environment.put("LOCKSTEP_LEASE", "environment");
    environment.put("LOCKSTEP_INGRESS_CLASS", "environment");
    AgentSettings.Kubernetes kubernetes =
        read(List.of("--lease", "flag"), environment).kubernetes();
    assertThat(kubernetes.lease()).isEqualTo("flag");
    assertThat(kubernetes.ingressClass()).isEqualTo("environment");
    assertThat(kubernetes.podSelector()).isEqualTo("file");
    assertThat(kubernetes.meshTokenFile()).isEqualTo(Path.of("/var/run/secrets/lockstep/token"));
  }

  @Test
  void fileMayBeYamlOrProperties() throws IOException {
    Path yaml = directory.resolve("a.yaml");
    Files.writeString(
        yaml, "evict: on\nevict-after: 30\nhttp-listen: [\"127.0.0.1:1\", \"127.0.0.1:2\"]\n");
    Path properties = directory.resolve("a.properties");
    Files.writeString(
        properties, "evict=on\nevict-after=30\nhttp-listen=127.0.0.1:1, 127.0.0.1:2\n");
    for (Path file : List.of(yaml, properties)) {
      AgentSettings settings = read(List.of("--config=" + file), POD);
      assertThat(settings.timings().evictAfter()).isEqualTo(Duration.ofSeconds(30));
      assertThat(settings.listen().http()).extracting(ListenAddress::port).containsExactly(1, 2);
    }
  }

  @Test
  void sharedPortIsNotAdvertisedWhileThereIsOneOfOurOwn() {
    AgentSettings settings =
        read(List.of("--http-listen=0.0.0.0:80?reuseport,127.0.0.1:8001"), POD);
    assertThat(settings.advertise().http()).isEqualTo("http://127.0.0.1:8001");
    assertThat(settings.listen().http().getFirst().sharing())
        .isEqualTo(ListenAddress.Sharing.REUSE_PORT);
  }

  @Test
  void ipv6AddressIsAdvertisedInBrackets() {
    Map<String, String> environment = new HashMap<>(POD);
    environment.put("LOCKSTEP_POD_IP", "fd00::7");
    AgentSettings settings = read(List.of("--api-listen", "[::]:8090"), environment);
    assertThat(settings.advertise().api()).isEqualTo("http://[fd00::7]:8090");
  }

  @Test
  void noTrafficPortIsAdvertisedThatIsNotOpened() {
    AgentSettings settings = read(List.of("--https-listen="), POD);
    assertThat(settings.listen().https()).isEmpty();
    assertThat(settings.advertise().https()).isEmpty();
  }

  @Test
  void proxiesInFrontAreTrustedOnlyIfNamed() {
    AgentSettings.Traffic.Proxies nobody = read(List.of(), POD).traffic().proxies();
    assertThat(nobody.from()).isEmpty();
    assertThat(nobody.header()).isEqualTo(AgentSettings.Traffic.Proxies.Header.REQUIRED);
    AgentSettings.Traffic.Proxies two =
        read(List.of("--proxy-protocol-from=10.0.0.0/8, fd00::7", "--proxy-protocol=optional"), POD)
            .traffic()
            .proxies();
    assertThat(two.from())
        .extracting(Cidr::text)
        .containsExactly("10.0.0.0/8", "fd00:0:0:0:0:0:0:7/128");
    assertThat(two.header()).isEqualTo(AgentSettings.Traffic.Proxies.Header.OPTIONAL);
    assertThat(problems(List.of("--proxy-protocol-from=10.0.0.0/33"), POD))
        .containsExactly(
            "proxy-protocol-from: 10.0.0.0/33 (expected: address[/prefix], …, at most 64; from"
                + " --proxy-protocol-from)");
  }

  @Test
  void switchNeedsNoValue() {
    assertThat(read(List.of("--version-header", "--event-loops", "2"), POD).traffic())
        .extracting(AgentSettings.Traffic::versionHeader, AgentSettings.Traffic::eventLoops)
        .containsExactly(true, 2);
  }

  @Test
  void accessLogGoesNowhereToStandardOutputOrToAFile() {
    assertThat(read(List.of(), POD).seeing().accessLog()).isEqualTo(AccessLogTarget.Plain.OFF);
    assertThat(read(List.of("--access-log=stdout"), POD).seeing().accessLog())
        .isEqualTo(AccessLogTarget.Plain.STDOUT);
    assertThat(read(List.of("--access-log=/var/log/a"), POD).seeing().accessLog())
        .isEqualTo(new AccessLogTarget.File(Path.of("/var/log/a")));
    assertThat(problems(List.of("--access-log=a.log", "--min-version-wait=31s"), POD))
        .containsExactlyInAnyOrder(
            "access-log: a.log (expected: off, stdout or an absolute path; from --access-log)",
            "min-version-wait: 31s (expected: a duration, 0s to 30s; from --min-version-wait)");
  }

  @Test
  void emptyEnvironmentVariableCountsAsUnset() {
    Map<String, String> environment = new HashMap<>(POD);
    environment.put("LOCKSTEP_LEASE", "");
    assertThat(read(List.of(), environment).kubernetes().lease()).isEqualTo("lockstep");
  }

  @Test
  void allProblemsAreReportedAtOnce() {
    List<String> arguments =
        List.of("--lease-duration", "soon", "--http-listen=80", "--leese", "--evict", "perhaps");
    assertThat(problems(arguments, Map.of("LOCKSTEP_POD_IP", "10.1.2.3")))
        .containsExactlyInAnyOrder(
            "--leese: unknown (expected: a flag that lockstep agent --help lists)",
            "pod-name: nothing (expected: a Kubernetes name; set --pod-name or LOCKSTEP_POD_NAME)",
            "pod-uid: nothing (expected: text; set --pod-uid or LOCKSTEP_POD_UID)",
            "pod-namespace: nothing (expected: a Kubernetes name; set --pod-namespace or"
                + " LOCKSTEP_POD_NAMESPACE)",
            "http-listen: 80 (expected: host:port[?reuseport], …; from --http-listen)",
            "lease-duration: soon (expected: a duration, 10ms to 1h; from --lease-duration)",
            "evict: perhaps (expected: on or off; from --evict)");
  }

  /** One row: arguments, and the start of the only complaint about them. */
  record Case(String name, List<String> arguments, String complaint) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> refused() {
    return Stream.of(
        // Relations between settings.
        new Case(
            "renew deadline not below the lease duration",
            List.of("--renew-deadline", "5s"),
            "renew-deadline: PT5S (expected: < lease-duration PT5S)"),
        new Case(
            "fence time not above the silence of a link",
            List.of("--fence-time=2s"),
            "fence-time: PT2S (expected: > link-silence PT2S)"),
        new Case(
            "resigning before the barrier could open",
            List.of("--lonely-time=24s"),
            "lonely-time: PT24S (expected: > renew-deadline, fence-time and drain-time together,"
                + " PT24S, or a leader that lost its only follower resigns before its barrier"
                + " opens)"),
        new Case(
            "shutdown without room for the drain time",
            List.of("--shutdown-deadline", "25s"),
            "shutdown-deadline: 25s (expected: at least drain-time and shutdown-grace together)"),
        new Case(
            "head smaller than its first line",
            List.of("--header-bytes", "4096"),
            "header-bytes: 4096 (expected: at least request-line-bytes)"),
        new Case(
            "nothing to advertise",
            List.of("--mesh-listen", "0.0.0.0:0"),
            "mesh-advertise: nothing (expected: https://host:port, or pod-ip"),
        // Single values.
        new Case("port too high", List.of("--api-listen", "h:65536"), "api-listen: h:65536 ("),
        new Case("bare IPv6", List.of("--api-listen", "::1:80"), "api-listen: ::1:80 ("),
        new Case(
            "URL with a path",
            List.of("--api-advertise", "http://h:1/x"),
            "api-advertise: http://h:1/x (expected: http://host:port;"),
        new Case(
            "URL of another scheme",
            List.of("--mesh-advertise", "http://h:1"),
            "mesh-advertise: http://h:1 (expected: https://host:port;"),
        new Case("name with a slash", List.of("--lease", "a/b"), "lease: a/b ("),
        new Case("number out of range", List.of("--max-waiters", "0"), "max-waiters: 0 ("),
        new Case("log level", List.of("--log-level", "loud"), "log-level: loud (expected: trace"),
        // The flags themselves.
        new Case("flag without a value", List.of("--lease"), "--lease: nothing ("),
        new Case("flag twice", List.of("--lease", "a", "--lease", "b"), "--lease: given twice ("),
        new Case("no flag", List.of("lease"), "lease: unknown ("),
        new Case("file that is not there", List.of("--config=/nowhere"), "config: /nowhere ("));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void isRefused(Case row) {
    assertThat(problems(row.arguments(), POD))
        .singleElement()
        .asString()
        .startsWith(row.complaint());
  }

  @Test
  void fileIsRefusedWhenItCannotBeMeant() throws IOException {
    Map<String, String> contents =
        Map.of(
            "leese: x", "leese: unknown (expected: a key of docs/settings.md",
            "lease: {name: x}", "flat YAML; lease holds a map",
            "- lease", "YAML of the form key: value",
            "lease: a\nlease: b", "found duplicate key lease",
            "config: other.yaml", "config: unknown");
    for (var content : contents.entrySet()) {
      Path file = Files.writeString(directory.resolve("bad.yaml"), content.getKey());
      assertThat(problems(List.of("--config", file.toString()), POD))
          .singleElement()
          .asString()
          .contains(content.getValue());
    }
  }

  @Test
  void helpNamesEverySettingAndItsVariable() {
    SettingsReading reading = AgentSettings.read(List.of("--lease", "x", "--help"), Map.of());
    assertThat(reading).isInstanceOf(SettingsReading.Help.class);
    String help = ((SettingsReading.Help) reading).text();
    for (Setting<?> row : SettingsTable.ROWS) {
      assertThat(help).contains(row.flag() + " <").contains(row.env());
    }
  }

  @Test
  void everyDefaultIsAGoodValue() {
    List<String> bad = new ArrayList<>();
    for (Setting<?> row : SettingsTable.ROWS) {
      if (!row.standard().isEmpty() && row.type().parse().apply(row.standard()).isEmpty()) {
        bad.add(row.key());
      }
    }
    assertThat(bad).isEmpty();
  }

  @Test
  void keysAreUnique() {
    assertThat(SettingsTable.ROWS).extracting(Setting::key).doesNotHaveDuplicates();
  }

  /**
   * Kubernetes gives a container variables like {@code LOCKSTEP_API_PORT} for a Service named
   * lockstep-api: none of them may be taken for a setting.
   */
  @Test
  void noVariableLooksLikeAServiceLink() {
    for (Setting<?> row : SettingsTable.ROWS) {
      assertThat(row.env()).doesNotContainPattern("_PORT(_|$)|_SERVICE_HOST$|_SERVICE_PORT");
    }
  }

  private static AgentSettings read(List<String> arguments, Map<String, String> environment) {
    SettingsReading reading = AgentSettings.read(arguments, environment);
    assertThat(reading).isInstanceOf(SettingsReading.Read.class);
    return ((SettingsReading.Read) reading).settings();
  }

  private static List<String> problems(List<String> arguments, Map<String, String> environment) {
    SettingsReading reading = AgentSettings.read(arguments, environment);
    assertThat(reading).isInstanceOf(SettingsReading.Invalid.class);
    return ((SettingsReading.Invalid) reading).problems();
  }
}
