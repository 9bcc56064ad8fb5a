package dev.lockstep.agent.wire;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads the fields of one JSON object, each with its type and bound. Fields that nobody asks for
 * are ignored, so that a newer replica may say more.
 */
final class Fields {
  private final JsonNode node;
  private final String path;

  private Fields(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  /** {@return the fields of this object; the path is for the reasons of faults} */
  static Fields of(JsonNode node, String path) {
    if (!node.isObject()) {
      throw new WireFault(path.isEmpty() ? "message" : path, "expected: an object");
    }
    return new Fields(node, path);
  }

  String text(String name, int maxLength) {
    return text(required(name), at(name), maxLength);
  }

  String name(String name) {
    return text(name, WireLimits.NAME);
  }

  Optional<String> optionalName(String name) {
    return optional(name).map(value -> text(value, at(name), WireLimits.NAME));
  }

  /** {@return a whole number from 0 up} */
  long number(String name) {
    JsonNode value = required(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
      throw new WireFault(at(name), "expected: a whole number from 0 up");
    }
    return value.longValue();
  }

  int integer(String name, int max) {
    long value = number(name);
    if (value > max) {
      throw new WireFault(at(name), "expected: at most " + max);
    }
    return (int) value;
  }

  Epoch epoch(String name) {
    return new Epoch(number(name));
  }

  Version version(String name) {
    return new Version(number(name));
  }

  /** {@return a digest in exactly the form that this mesh writes} */
  Digest digest(String name) {
    String hex = text(name, 64);
    if (hex.length() != 64 || !hex.chars().allMatch(Fields::isHexDigit)) {
      throw new WireFault(at(name), "expected: 64 lower-case hexadecimal digits");
    }
    return new Digest(hex);
  }

  Fields object(String name) {
    return of(required(name), at(name));
  }

  boolean has(String name) {
    return optional(name).isPresent();
  }

  /** {@return what the function makes of the text; a fault where it makes nothing} */
  <T> T parsed(String name, Function<String, Optional<T>> parse) {
    String text = name(name);
    return parse
        .apply(text)
        .orElseThrow(() -> new WireFault(at(name), "unknown value " + abbreviated(text)));
  }

  <T> List<T> objects(String name, int maxCount, Function<Fields, T> read) {
    return list(name, maxCount, (element, where) -> read.apply(of(element, where)));
  }

  <T> List<T> texts(String name, int maxCount, Function<String, Optional<T>> parse) {
    return list(
        name,
        maxCount,
        (element, where) ->
            parse
                .apply(text(element, where, WireLimits.NAME))
                .orElseThrow(() -> new WireFault(where, "not in the expected form")));
  }

  private interface ElementReader<T> {
    T read(JsonNode element, String where);
  }

  private <T> List<T> list(String name, int maxCount, ElementReader<T> reader) {
    JsonNode array = required(name);
    if (!array.isArray() || array.size() > maxCount) {
      throw new WireFault(at(name), "expected: a list of at most " + maxCount);
    }
    List<T> values = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      values.add(reader.read(array.get(i), at(name) + "[" + i + "]"));
    }
    return values;
  }

  private JsonNode required(String name) {
    return optional(name).orElseThrow(() -> new WireFault(at(name), "missing"));
  }

  private Optional<JsonNode> optional(String name) {
    return Optional.ofNullable(node.get(name)).filter(value -> !value.isNull());
  }

  private String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String text(JsonNode value, String where, int maxLength) {
    if (!value.isTextual() || value.textValue().length() > maxLength) {
      throw new WireFault(where, "expected: text of at most " + maxLength + " characters");
    }
    return value.textValue();
  }

  private static boolean isHexDigit(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }

  private static String abbreviated(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
