package dev.lockstep.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deltas lead exactly to their target, and digests tell configs apart. */
class RouterConfigTest {
  private static final ObjectKey WEB = new ObjectKey("networking.k8s.io", "Ingress", "ns", "web");
  private static final Backend.Id SVC = new Backend.Id("ns", "svc", "80");

  private static RouterConfig random(SplittableRandom random, RouterConfig from) {
    RouterConfig config = from;
    for (int i = random.nextInt(6); i >= 0; i--) {
      Entry entry = entry(random);
      config = random.nextInt(3) == 0 ? config.without(entry.key()) : config.with(entry);
    }
    return config;
  }

  private static Entry entry(SplittableRandom random) {
    int n = random.nextInt(8);
    return switch (random.nextInt(4)) {
      case 0 -> route("h" + n, random.nextBoolean() ? "/a" : "/b");
      case 1 -> new Backend(SVC, List.of(endpoint("10.0.0." + n)));
      case 2 -> new TlsBinding("h" + n, new Certificate.Id("ns", "s" + n), WEB);
      default -> certificate("s" + n, "chain" + random.nextInt(2));
    };
  }

  private static Route route(String host, String path) {
    PathMatch match = new PathMatch(PathMatch.Type.PREFIX, path);
    Route.Rule rule = new Route.Rule(match, Route.Action.Forward.to(SVC));
    return new Route(host, WEB, List.of(rule), RoutePolicy.OPEN);
  }

  private static Backend.Endpoint endpoint(String address) {
    return new Backend.Endpoint(address, 80, Backend.Endpoint.State.READY);
  }

  private static Certificate certificate(String secret, String chain) {
    return new Certificate(
        new Certificate.Id("ns", secret),
        chain,
        new Certificate.PrivateKey("key"),
        Digest.of(chain));
  }

  /** Else a replica that reads a config from the wire had another digest than its author. */
  @ParameterizedTest
  @ValueSource(strings = {"/", "//", "///", "/a", "/a/", "/a//", "/a//b", "/a//b//"})
  void prefixIsTheSameWhenItIsReadAgain(String path) {
    PathMatch match = new PathMatch(PathMatch.Type.PREFIX, path);
    assertThat(new PathMatch(match.type(), match.value())).isEqualTo(match);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void deltaLeadsToItsTargetWhateverVersionsLieBetween(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Snapshot> history = new ArrayList<>(List.of(Snapshot.NONE));
    for (int i = 1; i < 60; i++) {
      RouterConfig next = random(random, history.getLast().config());
      history.add(Snapshot.of(new Version(i), next));
    }
    for (int i = 0; i < 200; i++) {
      int from = random.nextInt(history.size() - 1);
      int to = random.nextInt(from + 1, history.size());
      Delta delta = history.get(from).deltaTo(history.get(to));
      Snapshot reached = delta.applyTo(history.get(from));
      assertThat(reached).isEqualTo(history.get(to));
      assertThat(reached.digest()).isEqualTo(delta.digest());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {6, 7})
  void configsHaveEqualDigestsExactlyWhenTheyAreEqual(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Set<RouterConfig> configs = new HashSet<>();
    Set<Digest> digests = new HashSet<>();
    RouterConfig config = RouterConfig.EMPTY;
    for (int i = 0; i < 500; i++) {
      config = random(random, config);
      configs.add(config);
      digests.add(config.digest());
    }
    assertThat(digests).hasSameSizeAs(configs);
  }

  @Test
  void deltaOnAnotherBaseGivesAnotherDigest() {
    RouterConfig base = RouterConfig.EMPTY.with(route("a", "/a"));
    Snapshot one = Snapshot.of(new Version(1), base);
    Snapshot two = Snapshot.of(new Version(2), base.with(route("b", "/b")));
    Snapshot wrong = Snapshot.of(new Version(1), RouterConfig.EMPTY.with(route("c", "/c")));
    Delta delta = one.deltaTo(two);
    assertThat(delta.applyTo(wrong).digest()).isNotEqualTo(delta.digest());
    assertThatThrownBy(() -> two.deltaTo(one)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyFieldOfAnEntryCountsInItsDigest() {
    Route route = route("a", "/a");
    List<Entry> different =
        List.of(
            route,
            route("b", "/a"),
            route("a", "/b"),
            new Route("a", ObjectKey.core("Service", "ns", "web"), route.rules(), route.policy()),
            new Route("a", WEB, List.of(), route.policy()),
            new Backend(SVC, List.of()),
            new Backend(SVC, List.of(endpoint("10.0.0.1"))),
            new Backend(SVC, Backend.Cleartext.H2C, List.of(endpoint("10.0.0.1"))),
            tls(BackendTls.Versions.HTTP2_OR_HTTP1, "a.svc", BackendTls.Known.PUBLIC),
            tls(BackendTls.Versions.HTTP1, "a.svc", BackendTls.Known.PUBLIC),
            tls(BackendTls.Versions.HTTP1, "b.svc", BackendTls.Known.PUBLIC),
            tls(BackendTls.Versions.HTTP1, "b.svc", BackendTls.Known.ANYONE),
            tls(BackendTls.Versions.HTTP1, "b.svc", new BackendTls.Authorities("one")),
            tls(BackendTls.Versions.HTTP1, "b.svc", new BackendTls.Authorities("two")),
            sticky(Backend.Cleartext.HTTP1, Backend.Affinity.CLIENT_ADDRESS),
            sticky(Backend.Cleartext.H2C, Backend.Affinity.CLIENT_ADDRESS),
            sticky(Backend.Cleartext.HTTP1, Backend.Affinity.cookie("a")),
            sticky(Backend.Cleartext.HTTP1, Backend.Affinity.cookie("b")),
            sticky(
                new BackendTls(BackendTls.Versions.HTTP1, "a.svc", BackendTls.Known.PUBLIC),
                Backend.Affinity.cookie("b")),
            new Backend(
                SVC,
                List.of(new Backend.Endpoint("10.0.0.1", 80, Backend.Endpoint.State.DRAINING))),
            certificate("a", "x"),
            certificate("a", "y"),
            certificate("b", "x"),
            new TlsBinding("a", new Certificate.Id("ns", "a"), WEB),
            new TlsBinding("a", new Certificate.Id("ns", "b"), WEB));
    assertThat(different.stream().map(e -> Digest.ofBytes(e.sha256()))).doesNotHaveDuplicates();
  }

  private static Backend sticky(Backend.Protocol protocol, Backend.Affinity affinity) {
    return new Backend(SVC, protocol, List.of(endpoint("10.0.0.1")), affinity);
  }

  private static Backend tls(
      BackendTls.Versions versions, String serverName, BackendTls.Trust trust) {
    BackendTls tls = new BackendTls(versions, serverName, trust);
    return new Backend(SVC, tls, List.of(endpoint("10.0.0.1")));
  }

  @Test
  void orderOfEndpointsDoesNotMatter() {
    Backend one = new Backend(SVC, List.of(endpoint("10.0.0.1"), endpoint("10.0.0.2")));
    Backend other = new Backend(SVC, List.of(endpoint("10.0.0.2"), endpoint("10.0.0.1")));
    assertThat(one).isEqualTo(other);
  }

  @Test
  void keysAreNeverInTexts() {
    assertThat(certificate("s", "chain").toString()).doesNotContain("pem=").contains("redacted");
  }
}
