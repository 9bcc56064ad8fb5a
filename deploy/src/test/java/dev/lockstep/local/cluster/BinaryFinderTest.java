package dev.lockstep.local.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.lockstep.local.process.Children;
import dev.lockstep.local.process.Commands;
import dev.lockstep.local.process.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The order in which the programs are looked for, against a web server of our own. */
final class BinaryFinderTest {
  private static final List<String> PROGRAMS = List.of("kube-apiserver", "etcd", "kubectl");

  @TempDir private Path folder;
  private final Children children = Children.open();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Map<String, byte[]> pages = new HashMap<>();
  private HttpServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] page = pages.get(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(page == null ? 404 : 200, 0);
          exchange.getResponseBody().write(page == null ? new byte[0] : page);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
    children.close();
  }

  @Test
  void theUsersFolderComesFirst() throws IOException {
    Path assets = programs(folder.resolve("assets"));
    programs(cacheHome());
    assertThat(finder(Optional.of(assets), "").find().etcd()).isEqualTo(assets.resolve("etcd"));
  }

  @Test
  void anIncompleteUsersFolderIsToldAndTheCacheServes() throws IOException {
    Path assets = programs(folder.resolve("assets"));
    Files.delete(assets.resolve("kubectl"));
    programs(cacheHome());
    Binaries found = finder(Optional.of(assets), "").find();
    assertThat(found.etcd()).isEqualTo(cacheHome().resolve("etcd"));
    assertThat(said.toString(UTF_8)).contains("is not complete");
  }

  @Test
  void theNewestPublishedPatchLevelIsDownloadedIntoTheCache() throws Exception {
    byte[] archive = archive();
    String other = "v1.36.2: {envtest-v1.36.2-linux-amd64.tar.gz: {hash: x, selfLink: 'y'}}";
    publish(archive, sha512(archive), other);
    Binaries found = finder(Optional.empty(), "").find();
    assertThat(found.apiServer()).isEqualTo(cacheHome().resolve("kube-apiserver"));
    assertThat(Files.readString(found.apiServer())).isEqualTo("kube-apiserver");
    try (var left = Files.list(cacheHome())) {
      assertThat(left.map(it -> it.getFileName().toString()))
          .containsExactlyInAnyOrder(".lock", "kube-apiserver", "etcd", "kubectl");
    }
  }

  @Test
  void aDownloadThatDoesNotMatchItsDigestIsNotInstalled() throws Exception {
    publish(archive(), "00", "");
    assertThatThrownBy(() -> finder(Optional.empty(), "").find())
        .isInstanceOf(BinariesMissing.class)
        .hasMessageContaining("does not match its published SHA-512");
    assertThat(cacheHome().resolve("etcd")).doesNotExist();
  }

  @Test
  void whatCannotBeDownloadedIsBuilt() throws IOException {
    // A go that writes the program's name to the file after -o.
    Path go = folder.resolve("bin/go");
    script(go, "while [ \"$1\" != -o ]; do shift; done; echo built >\"$2\"; chmod +x \"$2\"");
    Binaries found = finder(Optional.empty(), go.getParent() + ":/usr/bin:/bin").find();
    assertThat(Files.readString(found.kubectl())).isEqualTo("built\n");
  }

  @Test
  void oneErrorNamesAllTheWays() throws IOException {
    Path go = folder.resolve("bin/go");
    script(go, "echo no such module; exit 1");
    assertThatThrownBy(() -> finder(Optional.empty(), go.getParent() + ":/bin").find())
        .isInstanceOf(BinariesMissing.class)
        .hasMessageContaining("KUBEBUILDER_ASSETS")
        .hasMessageContaining(cacheHome().toString())
        .hasMessageContaining("answered 404")
        .hasMessageContaining("no such module")
        .hasMessageContaining("--kubeconfig");
  }

  private BinaryFinder finder(Optional<Path> assets, String path) {
    URI index = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/index.yaml");
    BinarySources sources =
        new BinarySources(assets, folder.resolve("cache"), index, folder.resolve("tools"), path);
    return new BinaryFinder(sources, children, new Progress(new PrintStream(said, true, UTF_8)));
  }

  private Path cacheHome() {
    return folder.resolve("cache/kubernetes-v1.36.3-etcd-v3.6.16");
  }

  private Path programs(Path home) throws IOException {
    for (String program : PROGRAMS) {
      script(home.resolve(program), "exit 0");
    }
    return home;
  }

  private static void script(Path file, String body) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void publish(byte[] archive, String hash, String otherReleases) {
    String base = "http://127.0.0.1:" + server.getAddress().getPort();
    String entry = "{hash: '" + hash + "', selfLink: '" + base + "/archive'}";
    StringBuilder index = new StringBuilder("releases:\n  " + otherReleases + "\n");
    index.append("  v1.37.0-alpha.0: {}\n  v1.36.10:\n");
    for (String platform : List.of("linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64")) {
      index.append("    envtest-v1.36.10-%s.tar.gz: %s\n".formatted(platform, entry));
    }
    pages.put("/index.yaml", index.toString().getBytes(UTF_8));
    pages.put("/archive", archive);
  }

  private byte[] archive() throws IOException {
    Path home = folder.resolve("unpacked/controller-tools/envtest");
    for (String program : PROGRAMS) {
      script(home.resolve(program), "");
      Files.writeString(home.resolve(program), program);
    }
    Path file = folder.resolve("archive.tar.gz");
    String from = folder.resolve("unpacked").toString();
    Commands.run("tar", "-czf", file.toString(), "-C", from, "controller-tools");
    return Files.readAllBytes(file);
  }

  private static String sha512(byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-512").digest(bytes));
  }
}
