package dev.lockstep.agent.cli;

import java.time.Duration;
import java.util.Optional;

/** Reads {@code 500ms}, {@code 30s}, {@code 2m}, or plain seconds. */
final class Durations {
  private static final int DIGITS = 9;

  private Durations() {}

  static Optional<Duration> parse(String text) {
    String unit = text.replaceFirst("^[0-9]+", "");
    String digits = text.substring(0, text.length() - unit.length());
    if (digits.isEmpty() || digits.length() > DIGITS) {
      return Optional.empty();
    }
    long amount = Long.parseLong(digits);
    return switch (unit) {
      case "ms" -> Optional.of(Duration.ofMillis(amount));
      case "", "s" -> Optional.of(Duration.ofSeconds(amount));
      case "m" -> Optional.of(Duration.ofMinutes(amount));
      default -> Optional.empty();
    };
  }
}
