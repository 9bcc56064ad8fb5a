package dev.lockstep.agent.proxy.account;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.lockstep.agent.proxy.Seeing;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.core.config.Version;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One line about one request: a JSON object in ASCII, whatever bytes the client has sent, and of a
 * bounded length. What is not known is left out.
 *
 * <p>Confined to its event loop; used for one line after the other.
 */
final class AccessLine {

  /** Longest method, path and query that are repeated, in characters; what is beyond is cut. */
  static final int LONGEST_METHOD = 32;

  static final int LONGEST_TARGET = 2_048;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .build();

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final int MICROS_SCALE = 3;

  /** Bytes that can be read where they are. */
  private static final class Bytes extends ByteArrayOutputStream {
    byte[] array() {
      return buf;
    }
  }

  private final Bytes bytes = new Bytes();
  private final Seeing.Log.Query query;

  AccessLine(Seeing.Log.Query query) {
    this.query = query;
  }

  byte[] array() {
    return bytes.array();
  }

  /** {@return the length of the line of this request, which was over at this moment} */
  int encode(RequestRecord record, long nanos) {
    bytes.reset();
    try (JsonGenerator out = JSON.createGenerator(bytes, JsonEncoding.UTF8)) {
      out.writeStartObject();
      long millis = System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(nanos);
      out.writeStringField("time", TIME.format(Instant.ofEpochMilli(millis)));
      write(out, "requestId", record.id());
      writeRequest(out, record);
      writeAnswer(out, record);
      writeTimes(out, record, nanos);
      out.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("memory can be written", e);
    }
    bytes.write('\n');
    return bytes.size();
  }

  private void writeRequest(JsonGenerator out, RequestRecord record) throws IOException {
    RequestRecord.Peer peer = record.peer();
    RequestHead request = record.request();
    out.writeStringField("client", peer.address());
    out.writeStringField("scheme", peer.scheme());
    out.writeStringField("protocol", protocol(record));
    if (record.isUnderstood()) {
      out.writeStringField("method", cut(request.method(), LONGEST_METHOD));
      out.writeStringField("host", request.authority().text());
      String path = request.target().toString();
      out.writeStringField("path", cut(path, LONGEST_TARGET));
      String whole = request.target().withQuery();
      if (query == Seeing.Log.Query.KEPT && whole.length() > path.length()) {
        out.writeStringField("query", cut(whole.substring(path.length() + 1), LONGEST_TARGET));
      }
    }
    out.writeNumberField("bytesIn", record.bytesIn());
  }

  private static String protocol(RequestRecord record) {
    return switch (record.peer().protocol()) {
      case HTTP1 -> !record.isUnderstood() || record.request().isHttp11() ? "HTTP/1.1" : "HTTP/1.0";
      case HTTP2 -> "HTTP/2";
    };
  }

  private static void writeAnswer(JsonGenerator out, RequestRecord record) throws IOException {
    write(out, "route", record.origin());
    write(out, "backend", record.backend());
    if (record.attempts() > 1) {
      out.writeNumberField("attempts", record.attempts());
    }
    if (!record.version().equals(Version.NONE)) {
      out.writeNumberField("version", record.version().value());
    }
    if (record.status() > 0) {
      out.writeNumberField("status", record.status());
    }
    out.writeNumberField("bytesOut", record.bytesOut());
    Failure failure = record.failure();
    write(out, "failure", failure == null ? null : failure.text());
  }

  private static void writeTimes(JsonGenerator out, RequestRecord record, long nanos)
      throws IOException {
    out.writeNumberField("durationMs", millis(nanos));
    if (record.isConnected()) {
      out.writeNumberField("connectMs", millis(record.untilConnected()));
    }
    if (record.isAnswered()) {
      out.writeNumberField("firstByteMs", millis(record.untilAnswered()));
    }
  }

  private static BigDecimal millis(long nanos) {
    return BigDecimal.valueOf(TimeUnit.NANOSECONDS.toMicros(nanos), MICROS_SCALE);
  }

  private static void write(JsonGenerator out, String name, @Nullable Object value)
      throws IOException {
    if (value != null) {
      out.writeStringField(name, value.toString());
    }
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest) + "...";
  }
}
