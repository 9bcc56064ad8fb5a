package dev.lockstep.agent.kubernetes.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Host names, time spans, flags and lists, as tenants may write them. */
final class TextsTest {

  private record Host(String text, Optional<String> expected) {}

  @Test
  void hostNames() {
    List<Host> table =
        List.of(
            host("example.com", "example.com"),
            host("EXAMPLE.com", "example.com"),
            host("a-b.example.com", "a-b.example.com"),
            host("xn--bcher-kva.example", "xn--bcher-kva.example"),
            host("1.example", "1.example"),
            host("localhost", "localhost"),
            host("*.example.com", "*.example.com"),
            none(""),
            none("*"),
            none("*."),
            none("*.*.example.com"),
            none("a.*.com"),
            none("a*.com"),
            none(".example.com"),
            none("example.com."),
            none("a..b"),
            none("-a.com"),
            none("a-.com"),
            none("a_b.com"),
            none("a b.com"),
            none("example.com:80"),
            none("bücher.example"),
            none("İ.example"),
            none("a".repeat(64) + ".com"),
            none("a.".repeat(127) + "com"));
    for (Host row : table) {
      assertThat(HostName.parse(row.text)).as(row.text).isEqualTo(row.expected);
    }
  }

  private static Host host(String text, String expected) {
    return new Host(text, Optional.of(expected));
  }

  private static Host none(String text) {
    return new Host(text, Optional.empty());
  }

  private record Span(String text, Optional<Duration> expected) {}

  @Test
  void timeSpans() {
    List<Span> table =
        List.of(
            span("30s", Duration.ofSeconds(30)),
            span("10", Duration.ofSeconds(10)),
            span("20000", Duration.ofSeconds(20_000)),
            span("250ms", Duration.ofMillis(250)),
            span("2m", Duration.ofMinutes(2)),
            span("24h", Duration.ofDays(1)),
            span("1d", Duration.ofDays(1)),
            noSpan("2d"),
            noSpan("1w"),
            noSpan("1M"),
            noSpan("1y"),
            noSpan(""),
            noSpan("0"),
            noSpan("0s"),
            noSpan("-1s"),
            noSpan("1.5s"),
            noSpan("1S"),
            noSpan("s"),
            noSpan("1 s"),
            noSpan("99999999999999999999"),
            noSpan("٣s"));
    for (Span row : table) {
      assertThat(TimeSpan.parse(row.text)).as(row.text).isEqualTo(row.expected);
    }
  }

  private static Span span(String text, Duration expected) {
    return new Span(text, Optional.of(expected));
  }

  private static Span noSpan(String text) {
    return new Span(text, Optional.empty());
  }

  /** Values that make backtracking validators take for ever are refused or read in linear time. */
  @Test
  @Timeout(value = 5, unit = TimeUnit.SECONDS)
  void largeValuesAreReadInLinearTime() {
    for (String part : List.of("a", "a-", "a.", "*.", ",", "1.", "a,", "-", "é", "9", ":", "/")) {
      String value = part.repeat(65_536 / part.length()) + "!";
      HostName.parse(value);
      TimeSpan.parse(value);
      for (String key :
          List.of(AppAnnotations.DOMAINS, AppAnnotations.WHITELIST, AppAnnotations.CERTIFICATES)) {
        RoutableServiceParser.parse(Services.with(Map.of(key, value)), Optional.of("x.test"));
      }
    }
  }
}
