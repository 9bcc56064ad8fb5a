package dev.lockstep.agent.proxy.http;

import org.jspecify.annotations.Nullable;

/**
 * How the head says where the body ends (RFC 9112 6.3), and what of its end goes no further.
 * Anything that two implementations could read differently is a fault: both {@code Content-Length}
 * and {@code Transfer-Encoding}, either of them twice, codings other than {@code chunked}. Not
 * thread-safe: part of a head.
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
  private static final String CHUNKED = "chunked";

  private final ConnectionOptions options;
  private Kind kind = Kind.NONE;
  private long length;

  BodyFraming(ConnectionOptions options) {
    this.options = options;
  }

  /** {@return which fields, of head and trailers, end at this hop} */
  ConnectionOptions options() {
    return options;
  }

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

  /**
   * A coding that we do not know is 501 if {@code chunked} comes last and only once; without it,
   * nobody can say where the request ends (RFC 9112 6.1, 6.3).
   */
  private @Nullable Fault readCoding(Head head, int field) {
    kind = Kind.CHUNKED;
    if (head.valueIs(field, CHUNKED)) {
      return null;
    }
    byte[] bytes = head.bytes();
    int last = head.valueEnd(field) - CHUNKED.length();
    int at = last - 1;
    while (at >= head.valueStart(field) && Ascii.isBlank(bytes[at])) {
      at--;
    }
    boolean other =
        at > head.valueStart(field)
            && bytes[at] == ','
            && Ascii.equalsIgnoreCase(bytes, last, head.valueEnd(field), CHUNKED);
    for (int i = head.valueStart(field); other && i + CHUNKED.length() <= at; i++) {
      other = !Ascii.equalsIgnoreCase(bytes, i, i + CHUNKED.length(), CHUNKED);
    }
    return other ? Fault.CODING : Fault.SYNTAX;
  }
}
