package dev.lockstep.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.BackendTls;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Cidr;
import dev.lockstep.core.config.Delta;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.TlsBinding;
import dev.lockstep.core.config.Version;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigCodecTest {
  private static final ObjectKey WEB = new ObjectKey("networking.k8s.io", "Ingress", "shop", "web");
  private static final Backend.Id CART = new Backend.Id("shop", "cart", "http");

  record Sample(Entry entry, String json) {}

  static List<Sample> entries() {
    return Stream.concat(routes().stream(), others().stream()).toList();
  }

  private static List<Sample> routes() {
    return List.of(
        new Sample(
            new Route(
                "shop.example.com",
                WEB,
                List.of(
                    new Route.Rule(
                        new PathMatch(PathMatch.Type.PREFIX, "/"), Route.Action.Forward.to(CART)),
                    new Route.Rule(
                        new PathMatch(PathMatch.Type.EXACT, "/gone"),
                        new Route.Action.Respond(410, "gone"))),
                new RoutePolicy(
                    Optional.of(List.of(Cidr.parse("10.0.0.0/8").orElseThrow())),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(1300),
                    RoutePolicy.Scheme.HTTPS_ONLY)),
            """
            {"kind":"route","host":"shop.example.com","origin":{"group":"networking.k8s.io",\
            "kind":"Ingress","namespace":"shop","name":"web"},"rules":[{"match":{"type":"prefix",\
            "value":"/"},"action":{"forward":[{"backend":{"namespace":"shop","service":"cart",\
            "port":"http"},"weight":1}]}},{"match":{"type":"exact","value":"/gone"},\
            "action":{"respond":{"status":410,"body":"gone"}}}],"policy":{"allowedSources":\
            ["10.0.0.0/8"],"connectTimeoutMillis":30000,"idleTimeoutMillis":1300000,\
            "scheme":"https-only"}}\
            """),
        new Sample(
            new Route("a.example.com", WEB, List.of(), RoutePolicy.OPEN),
            """
            {"kind":"route","host":"a.example.com","origin":{"group":"networking.k8s.io",\
            "kind":"Ingress","namespace":"shop","name":"web"},"rules":[],"policy":\
            {"connectTimeoutMillis":30000,"idleTimeoutMillis":1300000,\
            "scheme":"http-and-https"}}\
            """));
  }

  private static List<Sample> tlsBackends() {
    return List.of(
        new Sample(
            new Backend(
                CART,
                new BackendTls(
                    BackendTls.Versions.HTTP2_OR_HTTP1, "cart.shop.svc", BackendTls.Known.PUBLIC),
                List.of()),
            """
            {"kind":"backend","id":{"namespace":"shop","service":"cart","port":"http"},\
            "protocol":"https","tls":{"serverName":"cart.shop.svc","trust":"public"},\
            "endpoints":[]}\
            """),
        new Sample(
            new Backend(
                CART,
                new BackendTls(BackendTls.Versions.HTTP1, "a.test", BackendTls.Known.ANYONE),
                List.of(),
                Backend.Affinity.cookie("uid")),
            """
            {"kind":"backend","id":{"namespace":"shop","service":"cart","port":"http"},\
            "protocol":"https1","tls":{"serverName":"a.test","trust":"anyone"},"endpoints":[],\
            "affinity":"cookie","affinityKey":"uid"}\
            """),
        new Sample(
            new Backend(
                CART,
                new BackendTls(
                    BackendTls.Versions.HTTP1, "a.test", new BackendTls.Authorities("PEM")),
                List.of()),
            """
            {"kind":"backend","id":{"namespace":"shop","service":"cart","port":"http"},\
            "protocol":"https1","tls":{"serverName":"a.test","trust":"authorities",\
            "authorities":"PEM"},"endpoints":[]}\
            """));
  }

  private static List<Sample> others() {
    return List.of(
        new Sample(
            new Backend(
                CART,
                List.of(
                    new Backend.Endpoint("10.0.0.1", 80, Backend.Endpoint.State.READY),
                    new Backend.Endpoint("10.0.0.2", 80, Backend.Endpoint.State.DRAINING))),
            """
            {"kind":"backend","id":{"namespace":"shop","service":"cart","port":"http"},\
            "endpoints":[{"address":"10.0.0.1","port":80,"state":"ready"},\
            {"address":"10.0.0.2","port":80,"state":"draining"}]}\
            """),
        new Sample(
            new Backend(CART, Backend.Cleartext.H2C, List.of()),
            """
            {"kind":"backend","id":{"namespace":"shop","service":"cart","port":"http"},\
            "protocol":"h2c","endpoints":[]}\
            """),
        new Sample(
            new Backend(CART, Backend.Cleartext.HTTP1, List.of(), Backend.Affinity.CLIENT_ADDRESS),
            """
            {"kind":"backend","id":{"namespace":"shop","service":"cart","port":"http"},\
            "endpoints":[],"affinity":"client-address"}\
            """),
        new Sample(
            new Backend(CART, Backend.Cleartext.HTTP1, List.of(), Backend.Affinity.cookie("uid")),
            """
            {"kind":"backend","id":{"namespace":"shop","service":"cart","port":"http"},\
            "endpoints":[],"affinity":"cookie","affinityKey":"uid"}\
            """),
        new Sample(
            new Certificate(
                new Certificate.Id("shop", "tls"),
                "CHAIN",
                new Certificate.PrivateKey("KEY"),
                Digest.of("leaf")),
            """
            {"kind":"certificate","id":{"namespace":"shop","secret":"tls"},\
            "fingerprint":"%s","chain":"CHAIN","privateKey":"KEY"}\
            """
                .formatted(Digest.of("leaf").hex())),
        new Sample(
            new TlsBinding("shop.example.com", new Certificate.Id("shop", "tls"), WEB),
            """
            {"kind":"tls","host":"shop.example.com","certificate":{"namespace":"shop",\
            "secret":"tls"},"origin":{"group":"networking.k8s.io","kind":"Ingress",\
            "namespace":"shop","name":"web"}}\
            """));
  }

  @ParameterizedTest
  @MethodSource("entries")
  void entriesHaveTheTextOfTheProtocol(Sample sample) {
    Delta delta =
        new Delta(
            Version.NONE,
            new Version(1),
            Messages.D,
            new RouterConfig.Changes(List.of(sample.entry()), List.of()));
    String json =
        """
        {"base":0,"target":1,"digest":"%s","puts":[%s],"removals":[]}\
        """
            .formatted(Messages.DIGEST, sample.json());

    assertThat(new String(ConfigCodec.encodeDelta(delta), StandardCharsets.UTF_8)).isEqualTo(json);
    assertThat(ConfigCodec.decodeDelta(json.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(new DeltaReading.Read(delta));
  }

  @Test
  void everyoneAndNobodyAreDifferentAfterReading() {
    RoutePolicy nobody =
        new RoutePolicy(
            Optional.of(List.of()),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            RoutePolicy.Scheme.HTTPS_ONLY);
    Snapshot closed =
        Snapshot.of(
            new Version(1),
            RouterConfig.EMPTY.with(new Route("a.example.com", WEB, List.of(), nobody)));

    Snapshot read = read(ConfigCodec.encodeSnapshot(closed));

    Route route = read.config().routes("a.example.com").getFirst();
    assertThat(route.policy().allowedSources()).contains(List.of());
  }

  @Test
  void snapshotsRoundTrip() {
    for (long seed = 0; seed < 300; seed++) {
      RouterConfig config = new RandomConfigs(seed).config((int) (seed % 60));
      Snapshot snapshot = Snapshot.of(new Version(seed), config);

      Snapshot read = read(ConfigCodec.encodeSnapshot(snapshot));

      assertThat(read.config().entries().values())
          .as("seed %d", seed)
          .isEqualTo(config.entries().values());
      assertThat(read.version()).isEqualTo(snapshot.version());
      assertThat(read.digest()).isEqualTo(snapshot.digest());
    }
  }

  @Test
  void equalConfigsHaveEqualBytesWhateverTheirHistory() {
    for (long seed = 0; seed < 50; seed++) {
      RandomConfigs random = new RandomConfigs(seed);
      RouterConfig config = random.config(30);
      RouterConfig detour = random.changed(config);
      RouterConfig back = detour.apply(detour.changesTo(config));

      assertThat(ConfigCodec.encodeSnapshot(Snapshot.of(new Version(9), back)))
          .isEqualTo(ConfigCodec.encodeSnapshot(Snapshot.of(new Version(9), config)));
    }
  }

  @Test
  void damagedSnapshotsAreUnreadableAndNeverThrow() {
    byte[] bytes =
        ConfigCodec.encodeSnapshot(Snapshot.of(new Version(3), new RandomConfigs(5).config(10)));
    for (int length = 0; length < bytes.length; length++) {
      assertThat(ConfigCodec.decodeSnapshot(Arrays.copyOf(bytes, length)))
          .as("first %d bytes", length)
          .isInstanceOf(SnapshotReading.Unreadable.class);
    }
    Snapshot original = read(bytes);
    for (int at = 0; at < bytes.length; at++) {
      byte[] flipped = bytes.clone();
      flipped[at] ^= 0x10;
      // GZIP has a few bits that mean nothing, in its header and before its checksum.
      switch (ConfigCodec.decodeSnapshot(flipped)) {
        case SnapshotReading.Unreadable ignored -> {}
        case SnapshotReading.Read read -> assertThat(read.snapshot()).isEqualTo(original);
      }
    }
  }

  record Hostile(String json, String reason) {}

  static List<Hostile> hostileSnapshots() {
    String digest = RouterConfig.EMPTY.digest().hex();
    String head = "{\"format\":1,\"version\":1,\"digest\":\"" + digest + "\"";
    String tls =
        "{\"kind\":\"tls\",\"host\":\"a\",\"certificate\":{\"namespace\":\"n\",\"secret\":\"s\"},"
            + "\"origin\":{\"group\":\"\",\"kind\":\"K\",\"namespace\":\"n\",\"name\":\"m\"}}";
    return List.of(
        new Hostile("[]", "snapshot: expected: an object"),
        new Hostile("{}", "entries: missing"),
        new Hostile(head + "}", "entries: missing"),
        new Hostile("{\"entries\":[]}", "format: missing"),
        new Hostile("{\"format\":2,\"entries\":[]}", "format: expected: 1"),
        new Hostile("{\"format\":1,\"entries\":[]}", "version: missing"),
        new Hostile(head + ",\"entries\":{}}", "entries: expected: a list"),
        new Hostile(head + ",\"entries\":[7]}", "entries[0]: expected: an object"),
        new Hostile(head + ",\"entries\":[{}]}", "entries[0].kind: missing"),
        new Hostile(head + ",\"entries\":[" + tls + "]}", "digest: the content has another one"),
        new Hostile(head + ",\"entries\":[]}{}", "snapshot: expected: nothing after the object"),
        new Hostile(head + ",\"entries\":[],\"entries\":[]}", "not a snapshot: JsonParseException"),
        new Hostile("[".repeat(100_000), "snapshot: expected: an object"),
        new Hostile("{\"x\":" + "[".repeat(100_000), "not a snapshot: StreamConstraintsException"));
  }

  @ParameterizedTest
  @MethodSource("hostileSnapshots")
  void hostileSnapshotsAreRefusedWithTheirReason(Hostile hostile) {
    assertThat(ConfigCodec.decodeSnapshot(gzip(hostile.json())))
        .isEqualTo(new SnapshotReading.Unreadable(hostile.reason()));
  }

  @Test
  void valuesOutOfTheirRangeAreRefused() {
    List<String> bad =
        List.of(
            "{\"kind\":\"backend\",\"id\":{\"namespace\":\"n\",\"service\":\"s\",\"port\":\"p\"},"
                + "\"endpoints\":[{\"address\":\"a\",\"port\":0,\"state\":\"ready\"}]}",
            "{\"kind\":\"backend\",\"id\":{\"namespace\":\"n\",\"service\":\"s\",\"port\":\"p\"},"
                + "\"endpoints\":[{\"address\":\"a\",\"port\":1,\"state\":\"sleepy\"}]}",
            entries().getFirst().json().replace("\"/gone\"", "\"gone\""),
            entries().getFirst().json().replace("10.0.0.0/8", "10.0.0.1/8"),
            entries().getFirst().json().replace("30000", "0"));
    for (String entry : bad) {
      String delta =
          "{\"base\":0,\"target\":1,\"digest\":\"%s\",\"puts\":[%s],\"removals\":[]}"
              .formatted(Messages.DIGEST, entry);
      assertThat(ConfigCodec.decodeDelta(delta.getBytes(StandardCharsets.UTF_8)))
          .as(entry)
          .isInstanceOf(DeltaReading.Unreadable.class);
    }
  }

  @Test
  void aBombIsNotInflatedWhole() {
    byte[] bomb = gzip("{\"x\":\"" + String.join("", Collections.nCopies(64, "y".repeat(1 << 20))));

    assertThat(ConfigCodec.decodeSnapshot(bomb))
        .isEqualTo(new SnapshotReading.Unreadable("not a snapshot: StreamConstraintsException"));
  }

  @Test
  void theApiSeesFingerprintsAndNeverKeys() {
    for (long seed = 0; seed < 20; seed++) {
      Snapshot snapshot = Snapshot.of(new Version(8), new RandomConfigs(seed).config(40));
      String json = ConfigCodec.toApiJson(snapshot).toString();

      assertThat(json).doesNotContain(RandomConfigs.KEY_MARK).doesNotContain("privateKey");
      assertThat(inflated(ConfigCodec.encodeSnapshot(snapshot))).contains(RandomConfigs.KEY_MARK);
    }
  }

  @Test
  void theApiSeesTheWholeModel() {
    RouterConfig config = RouterConfig.EMPTY;
    for (Sample sample : entries()) {
      config = config.with(sample.entry());
    }
    var json = ConfigCodec.toApiJson(Snapshot.of(new Version(8), config));

    assertThat(json.get("version").asLong()).isEqualTo(8);
    assertThat(json.get("digest").asText()).isEqualTo(config.digest().hex());
    assertThat(json.get("routes")).hasSize(2);
    assertThat(json.get("backends")).hasSize(1);
    assertThat(json.get("tls")).hasSize(1);
    assertThat(json.get("certificates").toString())
        .isEqualTo(
            "[{\"id\":{\"namespace\":\"shop\",\"secret\":\"tls\"},\"fingerprint\":\"%s\"}]"
                .formatted(Digest.of("leaf").hex()));
  }

  private static Snapshot read(byte[] bytes) {
    SnapshotReading reading = ConfigCodec.decodeSnapshot(bytes);
    assertThat(reading).isInstanceOf(SnapshotReading.Read.class);
    return ((SnapshotReading.Read) reading).snapshot();
  }

  private static byte[] gzip(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static String inflated(byte[] gzip) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
