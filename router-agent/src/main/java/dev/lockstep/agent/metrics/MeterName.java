package dev.lockstep.agent.metrics;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a figure is called.
 *
 * @param name in words with dots, example {@code lockstep.proxy.requests}; Prometheus sees
 *     underscores, and {@code _total} after a counter
 * @param doc one sentence
 * @param labels few values each: every combination is a series of its own
 */
public record MeterName(String name, String doc, Map<String, String> labels) {

  public MeterName {
    labels = Map.copyOf(labels);
  }

  /** {@return a name without labels} */
  public static MeterName of(String name, String doc) {
    return new MeterName(name, doc, Map.of());
  }

  /** {@return this name with one more label} */
  public MeterName with(String label, String value) {
    Map<String, String> more = new TreeMap<>(labels);
    more.put(label, value);
    return new MeterName(name, doc, more);
  }

  /** {@return this name with one more label, whose value is this constant's name} */
  public MeterName with(String label, Enum<?> value) {
    return with(label, text(value));
  }

  /** {@return how a constant is called in labels, example {@code in-sync}} */
  static String text(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Tags tags() {
    return Tags.of(labels.entrySet().stream().map(e -> Tag.of(e.getKey(), e.getValue())).toList());
  }
}
