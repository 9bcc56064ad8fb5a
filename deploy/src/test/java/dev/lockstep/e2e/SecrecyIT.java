package dev.lockstep.e2e;

import static dev.lockstep.e2e.RealMesh.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.local.MeshQuestions.State;
import dev.lockstep.local.SampleObjects;
import dev.lockstep.local.cluster.CertificateAuthority;
import dev.lockstep.local.cluster.CertificateAuthority.Use;
import dev.lockstep.local.cluster.KeyAndCertificate;
import dev.lockstep.local.kubelet.LocalReplica;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Invariant I20: the bytes of a private key are in no output, and on no disk in the clear. */
final class SecrecyIT {
  @RegisterExtension static final RealMesh MESH = RealMesh.of(2);

  private static final String HOST = "secret.localhost";
  private static final List<String> OUTPUTS =
      List.of(
          "/v1/config",
          "/v1/config?consistent=true",
          "/v1/replicas",
          "/v1/versions",
          "/v1/acks",
          "/v1/leader",
          "/v1/backends",
          "/metrics",
          "/readyz",
          "/openapi.yaml");

  @Test
  void keysAreInNoOutputNoLogAndNoFileInTheClear() throws IOException {
    KeyAndCertificate pair =
        CertificateAuthority.create("test").issue("CN=" + HOST, List.of(HOST), Use.SERVER);
    Ingress route =
        SampleObjects.withTls(
            SampleObjects.ingress(NAMESPACE, "secret", HOST, new SampleObjects.Path("/", "web")),
            HOST,
            "secret");
    MESH.apply(route);
    MESH.awaitOpen(MESH.apply(SampleObjects.secret(NAMESPACE, "secret", pair)), State.PRESENT);
    assertThat(MESH.everywhereSecure(HOST)).allMatch(it -> it.from("web-1"));

    String needle = needle();
    for (LocalReplica replica : MESH.replicas()) {
      for (String output : OUTPUTS) {
        assertThat(get(replica.api().resolve(output))).as(output).doesNotContain(needle);
      }
    }
    try (Stream<Path> files = Files.walk(MESH.folder())) {
      assertThat(files.filter(Files::isRegularFile).filter(it -> holds(it, needle))).isEmpty();
    }
    assertThat(events()).doesNotContain(needle);
  }

  /** A part of the key as it stands in its Secret: 60 characters in the middle of its PEM. */
  private static String needle() {
    String pem =
        new String(
            Base64.getDecoder()
                .decode(
                    MESH.client()
                        .secrets()
                        .inNamespace(NAMESPACE)
                        .withName("secret")
                        .require()
                        .getData()
                        .get("tls.key")),
            StandardCharsets.US_ASCII);
    return pem.lines().filter(line -> !line.startsWith("-")).findFirst().orElseThrow();
  }

  private static String events() {
    return MESH.client().v1().events().inNamespace(NAMESPACE).list().toString();
  }

  private static boolean holds(Path file, String needle) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1).contains(needle);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String get(URI uri) throws IOException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
