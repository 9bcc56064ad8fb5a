package dev.lockstep.agent.proxy.suite;

import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Digest;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * gRPC's jars, which the build lists in a file: their Netty is another one than ours, so they are
 * on no class path but that of processes of their own. And what they hold: a certificate.
 */
final class GrpcClassPath {
  /** A name of the certificate. */
  static final String HOST = "foo.test.google.fr";

  private static final Path FILE = Path.of("target", "suites", "grpc-class-path");

  private GrpcClassPath() {}

  /** {@return the class path} The test is skipped where the build has made none. */
  static String text() {
    Program.require(Files.exists(FILE), FILE + ": not there (mvn -Pconformance makes it)");
    try {
      return Files.readString(FILE).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return a certificate that gRPC's clients trust, and only they do} */
  static Certificate certificate() {
    String chain = read("certs/server1.pem");
    return new Certificate(
        new Certificate.Id("shop", "grpc"),
        chain,
        new Certificate.PrivateKey(read("certs/server1.key")),
        Digest.of(chain));
  }

  /** {@return the certificate of who signed it} */
  static String authority() {
    return read("certs/ca.pem");
  }

  private static String read(String name) {
    for (String jar : text().split(File.pathSeparator)) {
      if (jar.contains("grpc-testing")) {
        try (ZipFile zip = new ZipFile(jar)) {
          ZipEntry entry = zip.getEntry(name);
          return new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    throw new IllegalStateException("grpc-testing: not in the class path");
  }
}
