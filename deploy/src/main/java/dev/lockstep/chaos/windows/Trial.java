package dev.lockstep.chaos.windows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.chaos.oracle.Outcome;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What came of one trial; one line of JSON in the file of all trials.
 *
 * @param row what was done
 * @param windows how long things took
 * @param requests what became of the clients' requests from the trouble to the next calm
 * @param took the whole trial
 */
record Trial(Row row, Windows windows, Map<Outcome, Long> requests, Duration took) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Keeps the outcomes in their order. */
  Trial {
    Map<Outcome, Long> all = new EnumMap<>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      all.put(outcome, requests.getOrDefault(outcome, 0L));
    }
    requests = all;
  }

  /**
   * Times from the API server's answer to the write on.
   *
   * @param published until the change had a version; empty if its barrier never opened
   * @param open until a replica said that it is live; empty if none did within the bound
   * @param back from the end of the trouble until who was hit is in sync again; empty where they do
   *     not come back
   */
  record Windows(Optional<Duration> published, Optional<Duration> open, Optional<Duration> back) {}

  /** {@return how many requests ended so} */
  long requests(Outcome outcome) {
    return requests.getOrDefault(outcome, 0L);
  }

  /** {@return the line that {@link #parse} reads} */
  String line() {
    ObjectNode json = JSON.createObjectNode();
    json.put("trouble", row.trouble().option()).put("replicas", row.replicas());
    json.put("hit", row.hit()).put("awaySeconds", row.away().toSeconds());
    put(json, "publishedMillis", windows.published);
    put(json, "openMillis", windows.open);
    put(json, "backMillis", windows.back);
    requests.forEach((outcome, count) -> json.put(name(outcome), count));
    json.put("tookMillis", took.toMillis());
    return json.toString();
  }

  /**
   * {@return the trial of a line}
   *
   * @throws IllegalArgumentException if it is none
   */
  static Trial parse(String line) {
    try {
      JsonNode json = JSON.readTree(line);
      Row row =
          new Row(
              Trouble.valueOf(text(json, "trouble").replace('-', '_').toUpperCase(Locale.ROOT)),
              (int) number(json, "replicas"),
              (int) number(json, "hit"),
              Duration.ofSeconds(number(json, "awaySeconds")));
      Map<Outcome, Long> requests = new EnumMap<>(Outcome.class);
      for (Outcome outcome : Outcome.values()) {
        requests.put(outcome, number(json, name(outcome)));
      }
      Windows windows =
          new Windows(
              millis(json, "publishedMillis"),
              millis(json, "openMillis"),
              millis(json, "backMillis"));
      return new Trial(row, windows, requests, Duration.ofMillis(number(json, "tookMillis")));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON: " + line, e);
    }
  }

  private static String name(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }

  private static void put(ObjectNode json, String name, Optional<Duration> time) {
    time.ifPresent(it -> json.put(name, it.toNanos() / 1_000 / 1e3));
  }

  private static Optional<Duration> millis(JsonNode json, String name) {
    return json.hasNonNull(name)
        ? Optional.of(Duration.ofNanos(Math.round(json.get(name).asDouble() * 1e6)))
        : Optional.empty();
  }

  private static long number(JsonNode json, String name) {
    if (!json.path(name).isIntegralNumber()) {
      throw new IllegalArgumentException(name + ": missing in " + json);
    }
    return json.get(name).asLong();
  }

  private static String text(JsonNode json, String name) {
    return json.path(name).asText();
  }
}
