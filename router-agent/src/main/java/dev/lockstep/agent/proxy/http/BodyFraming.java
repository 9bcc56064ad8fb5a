package dev.lockstep.agent.proxy.http;

import org.jspecify.annotations.Nullable;

/**
 * How the head says where the body ends (RFC 9112 6.3). Anything that two implementations could
 * read differently is a fault: both {@code Content-Length} and {@code Transfer-Encoding}, either of
 * them twice, codings other than {@code chunked}. Not thread-safe: part of a head.
 */
public final class BodyFraming {

  /** Where a body ends. */
  public enum Kind {
    /** There is none. */
    NONE,
    /** After {@link BodyFraming#length()} bytes. */
    LENGTH,
    /** After the last chunk and the trailers. */
    CHUNKED,
    /** With the connection; responses only. */
    UNTIL_CLOSE
  }

  private static final int MAX_DIGITS = 18;

  private Kind kind = Kind.NONE;
  private long length;

  /** {@return where the body ends} */
  public Kind kind() {
    return kind;
  }

  /** {@return the length in bytes, if the kind is {@link Kind#LENGTH}; may be 0} */
  public long length() {
    return length;
  }

  void set(Kind changed) {
    kind = changed;
    length = 0;
  }

  /** Reads the fields; {@link Kind#NONE} when neither is there. */
  @Nullable Fault read(Head head) {
    set(Kind.NONE);
    for (int i = 0; i < head.count(); i++) {
      FieldName name = head.name(i);
      if (name != FieldName.CONTENT_LENGTH && name != FieldName.TRANSFER_ENCODING) {
        continue;
      }
      if (kind != Kind.NONE) {
        return Fault.SYNTAX;
      }
      Fault fault = name == FieldName.CONTENT_LENGTH ? readLength(head, i) : readCoding(head, i);
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }

  private @Nullable Fault readLength(Head head, int field) {
    int start = head.valueStart(field);
    int end = head.valueEnd(field);
    if (start == end || end - start > MAX_DIGITS) {
      return Fault.SYNTAX;
    }
    long value = 0;
    for (int i = start; i < end; i++) {
      if (!Ascii.isDigit(head.bytes()[i])) {
        return Fault.SYNTAX;
      }
      value = value * 10 + (head.bytes()[i] - '0');
    }
    kind = Kind.LENGTH;
    length = value;
    return null;
  }

  private @Nullable Fault readCoding(Head head, int field) {
    kind = Kind.CHUNKED;
    if (head.valueIs(field, "chunked")) {
      return null;
    }
    int end = head.valueEnd(field);
    int from = end - ", chunked".length();
    boolean other =
        from > head.valueStart(field)
            && Ascii.equalsIgnoreCase(head.bytes(), from, end, ", chunked");
    return other ? Fault.CODING : Fault.SYNTAX;
  }
}
