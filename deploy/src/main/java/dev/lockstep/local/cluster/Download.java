package dev.lockstep.local.cluster;

import dev.lockstep.local.process.Commands;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Fetches the programs that Kubernetes publishes for tests. Gives up within seconds where the
 * network does not lead there, and never installs what does not match its published digest.
 */
final class Download {
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration INDEX_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration ARCHIVE_TIMEOUT = Duration.ofMinutes(10);

  /** The releases that go with our own build: any patch level of its minor version. */
  private static final String RELEASES =
      "v" + BinaryFinder.KUBERNETES.substring(0, BinaryFinder.KUBERNETES.lastIndexOf('.') + 1);

  private final URI index;
  private final Progress progress;

  Download(URI index, Progress progress) {
    this.index = index;
    this.progress = progress;
  }

  /**
   * One archive of the index.
   *
   * @param name its file name
   * @param address where it is
   * @param sha512 its digest, in hexadecimal
   */
  record Archive(String name, URI address, String sha512) {}

  /** The part of the index that we read. */
  record Index(Map<String, Map<String, Map<String, String>>> releases) {}

  /** Fetches into the folder; returns why that failed, or nothing when it worked. */
  Optional<String> into(Path folder) {
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(CONNECT).followRedirects(Redirect.NORMAL).build()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(index).timeout(INDEX_TIMEOUT).build(),
              BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        return Optional.of(index.getHost() + " answered " + answer.statusCode());
      }
      Optional<Archive> archive = choose(answer.body(), platform());
      if (archive.isEmpty()) {
        return Optional.of("no release " + RELEASES + "x for " + platform());
      }
      progress.say("downloading " + archive.get().name());
      return progress.during("downloading", () -> "", () -> fetch(client, archive.get(), folder));
    } catch (IOException e) {
      return Optional.of("cannot reach " + index.getHost() + " (" + reason(e) + ")");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }

  /** {@return the newest archive for the platform} */
  static Optional<Archive> choose(String yaml, String platform) {
    Index parsed = Serialization.unmarshal(yaml, Index.class);
    return parsed.releases().entrySet().stream()
        .filter(release -> release.getKey().matches("v[0-9.]+"))
        .filter(release -> release.getKey().startsWith(RELEASES))
        .sorted(Comparator.comparingInt((Map.Entry<String, ?> it) -> patch(it.getKey())).reversed())
        .flatMap(release -> release.getValue().entrySet().stream())
        .filter(archive -> archive.getKey().endsWith("-" + platform + ".tar.gz"))
        .map(Download::archive)
        .findFirst();
  }

  private static Archive archive(Map.Entry<String, Map<String, String>> entry) {
    Map<String, String> fields = entry.getValue();
    return new Archive(
        entry.getKey(),
        URI.create(fields.getOrDefault("selfLink", "")),
        fields.getOrDefault("hash", ""));
  }

  private static int patch(String release) {
    return Integer.parseInt(release.substring(RELEASES.length()));
  }

  private static Optional<String> fetch(HttpClient client, Archive archive, Path folder)
      throws IOException, InterruptedException {
    Path file = folder.resolve("archive.tar.gz");
    HttpResponse<InputStream> answer =
        client.send(
            HttpRequest.newBuilder(archive.address()).timeout(ARCHIVE_TIMEOUT).build(),
            BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      if (answer.statusCode() != 200) {
        return Optional.of(archive.address() + " answered " + answer.statusCode());
      }
      MessageDigest digest = MessageDigest.getInstance("SHA-512");
      Files.copy(new DigestInputStream(body, digest), file);
      String actual = HexFormat.of().formatHex(digest.digest());
      if (!actual.equals(archive.sha512())) {
        return Optional.of(archive.name() + " does not match its published SHA-512");
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-512", e);
    }
    return unpack(file, folder);
  }

  private static Optional<String> unpack(Path file, Path folder) throws IOException {
    Commands.Result tar =
        Commands.run(
            "tar", "-xzf", file.toString(), "-C", folder.toString(), "--strip-components=2");
    Files.delete(file);
    if (!tar.succeeded()) {
      return Optional.of("tar: " + tar.output().strip());
    }
    return Binaries.in(folder).isPresent()
        ? Optional.empty()
        : Optional.of("the archive lacks one of " + List.of("kube-apiserver", "etcd", "kubectl"));
  }

  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    return (system.startsWith("mac") ? "darwin" : "linux") + "-" + machine;
  }

  private static String reason(IOException failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
