package dev.lockstep.agent.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Delta;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.TlsBinding;
import dev.lockstep.core.config.Version;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Configs as bytes. The forms for other replicas and for the disk hold private keys; {@link
 * #toApiJson} never does. Nothing here throws for what it reads. Pure functions.
 */
public final class ConfigCodec {
  /** Changes only when an older build could misread what a newer one wrote. */
  private static final int FORMAT = 1;

  private ConfigCodec() {}

  /** {@return compressed JSON, entries in the order of their keys: equal input, equal bytes} */
  public static byte[] encodeSnapshot(Snapshot snapshot) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new FastGzip(bytes);
        JsonGenerator json = Json.MAPPER.getFactory().createGenerator(gzip)) {
      json.writeStartObject();
      json.writeNumberField("format", FORMAT);
      json.writeNumberField("version", snapshot.version().value());
      json.writeStringField("digest", snapshot.digest().hex());
      json.writeArrayFieldStart("entries");
      for (var mapping : snapshot.config().entries()) {
        Json.MAPPER.writeTree(json, EntryCodec.toJson(mapping.value()));
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /** {@return the snapshot, if the bytes hold one and its content fits its digest} */
  public static SnapshotReading decodeSnapshot(byte[] gzip) {
    try (JsonParser json =
        Json.MAPPER
            .getFactory()
            .createParser(new GZIPInputStream(new ByteArrayInputStream(gzip), 1 << 16))) {
      return new SnapshotReading.Read(readSnapshot(json));
    } catch (WireFault e) {
      return new SnapshotReading.Unreadable(e.reason());
    } catch (IOException e) {
      return new SnapshotReading.Unreadable("not a snapshot: " + e.getClass().getSimpleName());
    } catch (IllegalArgumentException e) {
      return new SnapshotReading.Unreadable("entries: a value is out of its range");
    }
  }

  /** {@return JSON in ASCII} */
  public static byte[] encodeDelta(Delta delta) {
    return Json.text(toJson(delta)).getBytes(StandardCharsets.US_ASCII);
  }

  /** {@return the delta, if the bytes hold one} */
  public static DeltaReading decodeDelta(byte[] json) {
    try {
      return new DeltaReading.Read(delta(Fields.of(Json.MAPPER.readTree(json), "")));
    } catch (WireFault e) {
      return new DeltaReading.Unreadable(e.reason());
    } catch (IOException e) {
      return new DeltaReading.Unreadable("not a delta: " + e.getClass().getSimpleName());
    } catch (IllegalArgumentException e) {
      return new DeltaReading.Unreadable("delta: a value is out of its range");
    }
  }

  /** {@return the whole model for people and scripts: fingerprints, never keys} */
  public static ObjectNode toApiJson(Snapshot snapshot) {
    ObjectNode json =
        Json.object()
            .put("version", snapshot.version().value())
            .put("digest", snapshot.digest().hex());
    ArrayNode routes = json.putArray("routes");
    ArrayNode backends = json.putArray("backends");
    ArrayNode certificates = json.putArray("certificates");
    ArrayNode bindings = json.putArray("tls");
    for (var mapping : snapshot.config().entries()) {
      ArrayNode list =
          switch (mapping.value()) {
            case Route ignored -> routes;
            case Backend ignored -> backends;
            case Certificate ignored -> certificates;
            case TlsBinding ignored -> bindings;
          };
      list.add(EntryCodec.toApiJson(mapping.value()).without("kind"));
    }
    return json;
  }

  static ObjectNode toJson(Delta delta) {
    ObjectNode json =
        Json.object()
            .put("base", delta.base().value())
            .put("target", delta.target().value())
            .put("digest", delta.digest().hex());
    ArrayNode puts = json.putArray("puts");
    delta.changes().puts().forEach(entry -> puts.add(EntryCodec.toJson(entry)));
    ArrayNode removals = json.putArray("removals");
    delta.changes().removals().forEach(removals::add);
    return json;
  }

  static Delta delta(Fields fields) {
    return new Delta(
        fields.version("base"),
        fields.version("target"),
        fields.digest("digest"),
        new RouterConfig.Changes(
            fields.objects("puts", WireLimits.ENTRIES, EntryCodec::fromJson),
            fields.texts("removals", WireLimits.ENTRIES, Optional::of)));
  }

  /** Reads entry by entry: a tree of the whole would take several times the room. */
  private static Snapshot readSnapshot(JsonParser json) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new WireFault("snapshot", "expected: an object");
    }
    ObjectNode head = Json.object();
    Optional<RouterConfig> config = Optional.empty();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      if (name.equals("entries")) {
        config = Optional.of(readEntries(json));
      } else if (json.currentToken().isScalarValue()) {
        head.set(name, Json.ELEMENTS.<JsonNode>readValue(json));
      } else {
        json.skipChildren();
      }
    }
    // Reads to the end of the stream, which is where GZIP has its checksum.
    if (json.nextToken() != null) {
      throw new WireFault("snapshot", "expected: nothing after the object");
    }
    return checked(
        Fields.of(head, ""), config.orElseThrow(() -> new WireFault("entries", "missing")));
  }

  private static RouterConfig readEntries(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new WireFault("entries", "expected: a list");
    }
    RouterConfig config = RouterConfig.EMPTY;
    for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
      if (i == WireLimits.ENTRIES) {
        throw new WireFault("entries", "expected: at most " + WireLimits.ENTRIES);
      }
      Entry entry =
          EntryCodec.fromJson(
              Fields.of(Json.ELEMENTS.<JsonNode>readValue(json), "entries[" + i + "]"));
      config = config.with(entry);
    }
    return config;
  }

  private static Snapshot checked(Fields head, RouterConfig config) {
    if (head.integer("format", Integer.MAX_VALUE) != FORMAT) {
      throw new WireFault("format", "expected: " + FORMAT);
    }
    Version version = head.version("version");
    Digest claimed = head.digest("digest");
    Snapshot snapshot = Snapshot.of(version, config);
    if (!snapshot.digest().equals(claimed)) {
      throw new WireFault("digest", "the content has another one");
    }
    return snapshot;
  }

  /** Bulk is limited by the network and by the receiver's parser, not by the last 10 % of size. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, 1 << 16);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
