package dev.lockstep.agent.kubernetes.parse;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Reads time spans as the application annotations write them: a positive whole number with one of
 * the units ms, s, m, h, d, w, M (30 days), y (365 days); without a unit it means seconds.
 */
final class TimeSpan {
  /** Nobody waits longer for a backend; more is a mistake in the unit. */
  private static final Duration LONGEST = Duration.ofDays(1);

  private static final int LONGEST_NUMBER = 9;
  private static final Map<String, Duration> UNITS =
      Map.of(
          "ms", Duration.ofMillis(1),
          "", Duration.ofSeconds(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1),
          "w", Duration.ofDays(7),
          "M", Duration.ofDays(30),
          "y", Duration.ofDays(365));

  private TimeSpan() {}

  /** {@return the span; empty if the text is none, or an absurd one} */
  static Optional<Duration> parse(String text) {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    Duration unit = UNITS.get(text.substring(digits));
    if (digits == 0 || digits > LONGEST_NUMBER || text.charAt(0) == '0' || unit == null) {
      return Optional.empty();
    }
    Duration span = unit.multipliedBy(Long.parseLong(text.substring(0, digits)));
    return span.compareTo(LONGEST) > 0 ? Optional.empty() : Optional.of(span);
  }
}
