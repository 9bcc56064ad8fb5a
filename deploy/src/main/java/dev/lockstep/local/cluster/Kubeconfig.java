package dev.lockstep.local.cluster;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;

/**
 * Writes the file that tells a client where the API server is and who the client is.
 *
 * @param server the API server's address
 * @param authorityPem the certificate authority that its certificate comes from
 */
public record Kubeconfig(URI server, String authorityPem) {
  /** {@return what this file says about its server} */
  public static Kubeconfig of(Path file) {
    Config config = Config.fromKubeconfig(file.toFile());
    String encoded = config.getCaCertData();
    try {
      String authority =
          encoded != null
              ? new String(Base64.getMimeDecoder().decode(encoded), StandardCharsets.UTF_8)
              : Files.readString(Path.of(config.getCaCertFile()));
      return new Kubeconfig(URI.create(config.getMasterUrl()), authority);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the certificate authority of " + file, e);
    }
  }

  /** Writes one whose client proves itself with a certificate; only the owner can read it. */
  void writeWithCertificate(Path file, KeyAndCertificate client) {
    write(
        file,
        "client-certificate-data: "
            + base64(client.certificatePem())
            + "\n      client-key-data: "
            + base64(client.privateKeyPem()));
  }

  /** Writes one whose client proves itself with a token; only the owner can read it. */
  public void writeWithToken(Path file, String token) {
    write(file, "token: " + token);
  }

  /** Writes text that only the owner can read, whole or not at all. */
  public static void writeSecret(Path file, String text) {
    Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.deleteIfExists(fresh);
      Files.createFile(
          fresh,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(fresh, text);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private void write(Path file, String user) {
    writeSecret(
        file,
        """
        apiVersion: v1
        kind: Config
        current-context: lockstep
        clusters:
          - name: lockstep
            cluster:
              server: %s
              certificate-authority-data: %s
        users:
          - name: lockstep
            user:
              %s
        contexts:
          - name: lockstep
            context: {cluster: lockstep, user: lockstep}
        """
            .formatted(server, base64(authorityPem), user));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
