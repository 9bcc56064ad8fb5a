package dev.lockstep.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the head of a message, line by line, as its bytes come, and remembers where its fields are.
 *
 * <p>How it works: bytes are copied once into an array that the connection keeps, and lines are
 * checked there. A field is four places in that array and its {@link FieldName}; nothing is
 * allocated per field, and fields that pass through are copied out as they came. The bytes stay in
 * the buffer until the head is whole.
 *
 * <p>Strict (RFC 9112 2.2, 5): lines end with CR LF, no other control bytes, no blank between name
 * and colon, no folded lines. Not thread-safe: each direction of a connection has one.
 */
public final class Head {

  /** What a kind of message demands of its head. */
  interface Rules {

    /** {@return whether one empty line may stand before the first (RFC 9112 2.2: requests only)} */
    boolean skipsEmptyLine();

    /** Checks the first line, between these places; null when it is fine. */
    @Nullable Fault startLine(Head head, int start, int end);

    /** Checks the fields once they are all there; null when they are fine. */
    @Nullable Fault fields(Head head);
  }

  /** How far reading has come. */
  public enum Progress {
    /** Needs bytes that have not come yet. */
    MORE,
    /** The head is whole, and its bytes are taken from the buffer. */
    DONE,
    /** {@link Head#fault()} says why not. */
    FAULT
  }

  private static final int COPY_STEP = 1024;
  private static final int INTS_PER_FIELD = 4;

  private final HeadLimits limits;
  private final Rules rules;
  private byte[] bytes = new byte[COPY_STEP];
  private int copied;
  private int scanned;
  private int lineStart;
  private boolean inFields;
  private int count;
  private int[] places = new int[16 * INTS_PER_FIELD];
  private FieldName[] names = new FieldName[16];
  private Fault fault = Fault.SYNTAX;

  Head(HeadLimits limits, Rules rules) {
    this.limits = limits;
    this.rules = rules;
  }

  /** Forgets the head; the next read begins a new one. */
  void reset() {
    copied = 0;
    scanned = 0;
    lineStart = 0;
    inFields = false;
    count = 0;
    fault = Fault.SYNTAX;
  }

  /** {@return whether a head has been begun and is not whole} */
  boolean isPartial() {
    return copied > 0;
  }

  /** {@return why reading failed} */
  Fault fault() {
    return fault;
  }

  /** Reads what there is. After {@link Progress#DONE}, call {@link #reset()} before the next. */
  Progress read(ByteBuf in) {
    while (true) {
      Progress progress = scan(in);
      if (progress != Progress.MORE) {
        return progress;
      }
      if (isTooLarge()) {
        return Progress.FAULT;
      }
      int more = Math.min(in.readableBytes() - copied, COPY_STEP);
      if (more <= 0) {
        return Progress.MORE;
      }
      if (copied + more > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(copied + more, bytes.length * 2));
      }
      in.getBytes(in.readerIndex() + copied, bytes, copied, more);
      copied += more;
    }
  }

  /** Reads the lines that are whole in what has been copied. */
  private Progress scan(ByteBuf in) {
    while (scanned < copied) {
      if (bytes[scanned++] == '\n') {
        Progress progress = line(in);
        if (progress != Progress.MORE) {
          return progress;
        }
      }
    }
    return Progress.MORE;
  }

  /** Reads a head that has no first line, as trailers do. */
  Progress readFieldsOnly(ByteBuf in) {
    inFields = true;
    return read(in);
  }

  private boolean isTooLarge() {
    // The line end counts as two bytes, whether or not it has come: what is too long must not
    // depend
    // on how the bytes were split on their way.
    if (!inFields && scanned - lineStart > limits.startLineBytes() + 2) {
      fault = Fault.TARGET_TOO_LONG;
      return true;
    }
    if (scanned > limits.totalBytes()) {
      fault = Fault.HEAD_TOO_LARGE;
      return true;
    }
    return false;
  }

  /** Takes the line that ends before {@code scanned}. */
  private Progress line(ByteBuf in) {
    int start = lineStart;
    int end = scanned - 2;
    if (isTooLarge() || end < start || bytes[end] != '\r') {
      return Progress.FAULT;
    }
    lineStart = scanned;
    if (!inFields) {
      return startLine(start, end);
    }
    if (end > start) {
      return field(start, end) ? Progress.MORE : Progress.FAULT;
    }
    Fault found = rules.fields(this);
    if (found != null) {
      fault = found;
      return Progress.FAULT;
    }
    in.skipBytes(scanned);
    return Progress.DONE;
  }

  private Progress startLine(int start, int end) {
    if (start == 0 && end == 0 && rules.skipsEmptyLine()) {
      return Progress.MORE;
    }
    Fault found = rules.startLine(this, start, end);
    if (found != null) {
      fault = found;
      return Progress.FAULT;
    }
    inFields = true;
    return Progress.MORE;
  }

  private boolean field(int start, int end) {
    int colon = start;
    while (colon < end && Ascii.isToken(bytes[colon])) {
      colon++;
    }
    if (colon == start || colon == end || bytes[colon] != ':') {
      return false;
    }
    int valueStart = colon + 1;
    while (valueStart < end && Ascii.isBlank(bytes[valueStart])) {
      valueStart++;
    }
    int valueEnd = end;
    while (valueEnd > valueStart && Ascii.isBlank(bytes[valueEnd - 1])) {
      valueEnd--;
    }
    for (int i = valueStart; i < valueEnd; i++) {
      if (!Ascii.isField(bytes[i])) {
        return false;
      }
    }
    if (count == limits.fields()) {
      fault = Fault.HEAD_TOO_LARGE;
      return false;
    }
    add(start, colon, valueStart, valueEnd);
    return true;
  }

  private void add(int start, int colon, int valueStart, int valueEnd) {
    if (count == names.length) {
      names = Arrays.copyOf(names, count * 2);
      places = Arrays.copyOf(places, count * 2 * INTS_PER_FIELD);
    }
    names[count] = FieldName.of(bytes, start, colon);
    int at = count * INTS_PER_FIELD;
    places[at] = start;
    places[at + 1] = colon;
    places[at + 2] = valueStart;
    places[at + 3] = valueEnd;
    count++;
  }

  byte[] bytes() {
    return bytes;
  }

  int count() {
    return count;
  }

  FieldName name(int field) {
    return names[field];
  }

  int nameStart(int field) {
    return places[field * INTS_PER_FIELD];
  }

  int nameEnd(int field) {
    return places[field * INTS_PER_FIELD + 1];
  }

  int valueStart(int field) {
    return places[field * INTS_PER_FIELD + 2];
  }

  int valueEnd(int field) {
    return places[field * INTS_PER_FIELD + 3];
  }

  /** {@return the place after the line of this field, its CR LF included} */
  int lineEnd(int field) {
    return field + 1 < count ? nameStart(field + 1) : scanned - 2;
  }

  /** Writes the line of a field, its CR LF included. */
  void writeLineTo(ByteBuf out, int field) {
    out.writeBytes(bytes, nameStart(field), lineEnd(field) - nameStart(field));
  }

  /** Hands a field on. */
  void sendTo(FieldSink sink, int field) {
    sink.field(
        lowerName(field), new AsciiString(bytes, valueStart(field), valueLength(field), true));
  }

  private AsciiString lowerName(int field) {
    int start = nameStart(field);
    return new AsciiString(bytes, start, nameEnd(field) - start, true).toLowerCase();
  }

  private int valueLength(int field) {
    return valueEnd(field) - valueStart(field);
  }

  boolean nameIs(int field, String lower) {
    return Ascii.equalsIgnoreCase(bytes, nameStart(field), nameEnd(field), lower);
  }

  boolean valueIs(int field, String lower) {
    return Ascii.equalsIgnoreCase(bytes, valueStart(field), valueEnd(field), lower);
  }

  String value(int field) {
    int start = valueStart(field);
    return new String(bytes, start, valueEnd(field) - start, StandardCharsets.ISO_8859_1);
  }
}
