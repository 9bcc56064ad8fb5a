package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.http.FieldSink;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What we say about a request in our own name: to its backend the id, to its client the version
 * that decided about it, and the id; each only where a setting says so.
 *
 * <p>Confined to the event loop; of one request after the other.
 */
public final class OwnFields {
  private static final AsciiString REQUEST_ID = AsciiString.cached("x-request-id");
  private static final AsciiString VERSION = AsciiString.cached("lockstep-version");

  /** One version as a field, made once per table. */
  static final class VersionField {
    private final AsciiString value;
    private final byte[] line;

    VersionField(String version) {
      value = AsciiString.of(version);
      line = (VERSION + ": " + version + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }
  }

  private final Worker worker;
  private @Nullable VersionField version;
  private @Nullable AsciiString id;

  OwnFields(Worker worker) {
    this.worker = worker;
  }

  /** A request begins; nothing has decided about it yet. */
  void begin(RequestHead request) {
    RequestIds ids = worker.ids();
    id = ids == null ? null : ids.of(request);
    decided();
  }

  /** A request begins, and ends, that nobody can read. */
  void beginUnread() {
    RequestIds ids = worker.ids();
    id = ids == null ? null : ids.fresh();
    decided();
  }

  /** The version that is served now decides about the request, whatever is served at its end. */
  void decided() {
    version = worker.versionField();
  }

  /** {@return the id, if requests have one} */
  @Nullable AsciiString id() {
    return id;
  }

  /** Writes the field for the backend. */
  void writeIdTo(ByteBuf out) {
    AsciiString known = id;
    if (known != null) {
      writeId(out, known);
    }
  }

  /** Hands on the field for the backend. */
  void sendIdTo(FieldSink sink) {
    AsciiString known = id;
    if (known != null) {
      sink.field(REQUEST_ID, known);
    }
  }

  /** Leaves out of a backend's answer what we say ourselves. */
  void replaceIn(ResponseHead response) {
    if (toldId() != null) {
      response.leaveOutRequestId();
    }
  }

  /** Writes the fields for the client. */
  public void writeTo(ByteBuf out) {
    VersionField shown = version;
    if (shown != null) {
      out.writeBytes(shown.line);
    }
    AsciiString told = toldId();
    if (told != null) {
      writeId(out, told);
    }
  }

  /** Hands on the fields for the client. */
  public void sendTo(FieldSink sink) {
    VersionField shown = version;
    if (shown != null) {
      sink.field(VERSION, shown.value);
    }
    AsciiString told = toldId();
    if (told != null) {
      sink.field(REQUEST_ID, told);
    }
  }

  private @Nullable AsciiString toldId() {
    RequestIds ids = worker.ids();
    return ids != null && ids.areTold() ? id : null;
  }

  private static void writeId(ByteBuf out, AsciiString id) {
    out.writeBytes(REQUEST_ID.array(), REQUEST_ID.arrayOffset(), REQUEST_ID.length());
    out.writeByte(':').writeByte(' ');
    out.writeBytes(id.array(), id.arrayOffset(), id.length());
    out.writeByte('\r').writeByte('\n');
  }
}
