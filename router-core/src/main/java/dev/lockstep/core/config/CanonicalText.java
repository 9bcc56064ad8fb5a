package dev.lockstep.core.config;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes values so that equal values give equal text and different values different text: each
 * field is preceded by its length, so no field can imitate a border.
 *
 * <p>Not thread-safe; lives inside one call.
 */
final class CanonicalText {
  private final StringBuilder text = new StringBuilder(128);

  CanonicalText field(String value) {
    text.append(value.length()).append(':').append(value);
    return this;
  }

  CanonicalText field(long value) {
    return field(Long.toString(value));
  }

  /** Writes the count and then each element, so that lists cannot run into each other. */
  CanonicalText list(List<String> values) {
    field(values.size());
    values.forEach(this::field);
    return this;
  }

  byte[] sha256() {
    return Digest.sha256(text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
