package dev.lockstep.agent.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** How this package reads JSON: strictly, and within bounds. */
final class Json {
  /**
   * Thread-safe. A field that occurs twice is refused, because two readers could take different
   * ones; names are not interned, because a peer chooses them.
   */
  static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(WireLimits.DEPTH)
                          .maxStringLength(WireLimits.CONTENT)
                          .maxDocumentLength(WireLimits.SNAPSHOT_CHARS)
                          .maxNameLength(256)
                          .maxNumberLength(24)
                          .build())
                  .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  // Or an exception would quote what it could not read, keys included.
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  // So that characters are bytes, and bounds mean the same on both sides.
                  .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** Reads one value out of a stream of more. */
  static final ObjectReader ELEMENTS =
      MAPPER.readerFor(JsonNode.class).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** {@return the object as text in ASCII, without white space} */
  static String text(ObjectNode object) {
    try {
      return MAPPER.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values can always be written", e);
    }
  }
}
