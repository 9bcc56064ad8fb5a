package dev.lockstep.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.function.Supplier;

/**
 * This replica's audience-bound ServiceAccount token, read anew whenever it is needed because the
 * kubelet rotates it.
 *
 * @param file where it is mounted
 */
record MeshToken(Path file) implements Supplier<String> {
  private static final String ACCOUNT = "system:serviceaccount:";

  @Override
  public String get() {
    try {
      return Files.readString(file, StandardCharsets.US_ASCII).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("mesh-token-file: " + file + " cannot be read", e);
    }
  }

  /**
   * {@return the ServiceAccount that the token is of; the tokens of the others must name the same}
   *
   * @throws UncheckedIOException when the file cannot be read
   * @throws IllegalArgumentException when it holds no token of a ServiceAccount
   */
  String serviceAccount() {
    String[] parts = get().split("\\.", -1);
    if (parts.length == 3) {
      try {
        byte[] claims = Base64.getUrlDecoder().decode(parts[1]);
        String subject =
            new ObjectMapper()
                .readTree(new String(claims, StandardCharsets.UTF_8))
                .path("sub")
                .asText();
        if (subject.startsWith(ACCOUNT)) {
          return subject.substring(subject.lastIndexOf(':') + 1);
        }
      } catch (JsonProcessingException | IllegalArgumentException e) {
        throw wrong();
      }
    }
    throw wrong();
  }

  private IllegalArgumentException wrong() {
    return new IllegalArgumentException(
        "mesh-token-file: " + file + " (expected: a token of a ServiceAccount)");
  }
}
