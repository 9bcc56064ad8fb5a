package dev.lockstep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.agent.wire.ConfigCodec;
import dev.lockstep.agent.wire.SnapshotReading;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.local.process.Commands;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page about the protocol and its examples say of digests is what the agent computes. */
final class FollowerExampleTest {
  private static final Path DOCS = RealApi.root().resolve("docs");
  private static final Path EXAMPLE = DOCS.resolve("examples/snapshot.json");

  @TempDir private Path folder;

  @Test
  void theExampleHasTheDigestThatItNames() throws IOException {
    assertThat(Files.readString(EXAMPLE)).contains('"' + example().digest().hex() + '"');
  }

  @Test
  void thePageHasTheDigestOfItsExample() throws IOException {
    Backend.Id id = new Backend.Id("shop", "web", "80");
    RouterConfig one = RouterConfig.EMPTY.with(example().backend(id).orElseThrow());
    assertThat(Files.readString(DOCS.resolve("protocol.md"))).contains(one.digest().hex());
  }

  @Test
  void theProgramInPythonComputesTheSameDigests() throws IOException {
    assumeTrue(ForeignFollower.hasPython(), "no Python 3.9 with websockets 11, or newer");
    Path large = folder.resolve("large.gz");
    Files.write(large, ConfigCodec.encodeSnapshot(Snapshot.of(new Version(1), large())));
    Path plain = folder.resolve("plain.json");
    Files.write(plain, unpacked(large));
    assertThat(digestsInPython(EXAMPLE, plain))
        .containsExactly(example().digest().hex(), large().digest().hex());
  }

  /** What the follower finds in the entries of these snapshots. */
  private static List<String> digestsInPython(Path... snapshots) {
    String program =
        """
        import json, sys
        sys.path.insert(0, sys.argv[1])
        from follower import canonical, digest
        for name in sys.argv[2:]:
            with open(name, encoding="utf-8") as snapshot:
                entries = json.load(snapshot)["entries"]
            print(digest({canonical(entry)[0]: entry for entry in entries}))
        """;
    List<String> command = new ArrayList<>(List.of(ForeignFollower.python(), "-B", "-c", program));
    command.add(ForeignFollower.PROGRAM.getParent().toString());
    Stream.of(snapshots).map(Path::toString).forEach(command::add);
    Commands.Result result = Commands.run(command.toArray(String[]::new));
    assertThat(result.exitCode()).as(result.output()).isZero();
    return result.output().lines().toList();
  }

  private static byte[] unpacked(Path gzip) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(gzip))) {
      return in.readAllBytes();
    }
  }

  private static RouterConfig example() throws IOException {
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(gzip)) {
      out.write(Files.readAllBytes(EXAMPLE));
    }
    SnapshotReading reading = ConfigCodec.decodeSnapshot(gzip.toByteArray());
    assertThat(reading).isInstanceOf(SnapshotReading.Read.class);
    return ((SnapshotReading.Read) reading).snapshot().config();
  }

  /** Enough entries for a tree of every shape. */
  private static RouterConfig large() {
    RouterConfig config = RouterConfig.EMPTY;
    for (int i = 0; i < 500; i++) {
      Backend.Id id = new Backend.Id("shop", "web" + i, "80");
      ObjectKey origin = ObjectKey.core("Service", "shop", "web" + i);
      Route.Rule rule =
          new Route.Rule(new PathMatch(PathMatch.Type.PREFIX, "/"), Route.Action.Forward.to(id));
      String host = "web" + i + ".example.com";
      config = config.with(new Backend(id, List.of()));
      config = config.with(new Route(host, origin, List.of(rule), RoutePolicy.OPEN));
    }
    return config;
  }
}
