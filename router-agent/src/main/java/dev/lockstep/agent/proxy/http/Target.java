package dev.lockstep.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The target of a request in the one form that is routed and forwarded: origin-form,
 * percent-encoded unreserved characters decoded, other escapes in capitals, dot segments removed
 * (RFC 3986 6.2.2). So no spelling of a path reaches a backend that routing has not seen. Encoded
 * slashes, backslashes and NULs are refused, because backends disagree about them, and so are dot
 * segments with parameters ({@code ..;}); double slashes are left alone.
 *
 * <p>As a {@link CharSequence} it is the path, without the query. Not thread-safe: part of a head.
 */
public final class Target implements CharSequence {
  private byte[] bytes = new byte[256];
  private int pathLength;
  private int totalLength;

  @Override
  public int length() {
    return pathLength;
  }

  @Override
  public char charAt(int index) {
    return (char) (bytes[index] & 255);
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return toString().substring(start, end);
  }

  @Override
  public String toString() {
    return new String(bytes, 0, pathLength, StandardCharsets.ISO_8859_1);
  }

  /** {@return path and query} */
  public String withQuery() {
    return new String(bytes, 0, totalLength, StandardCharsets.ISO_8859_1);
  }

  /** Writes path and query. */
  void writeTo(ByteBuf out) {
    out.writeBytes(bytes, 0, totalLength);
  }

  /** Reads {@code *}: the server as a whole, routed like the root. */
  void readAsterisk() {
    bytes[0] = '*';
    pathLength = 1;
    totalLength = 1;
  }

  /** Reads a path and query between the places; null when it is fine. */
  @Nullable Fault read(byte[] from, int start, int end) {
    if (bytes.length < end - start + 1) {
      bytes = new byte[Math.max(end - start + 1, bytes.length * 2)];
    }
    pathLength = 0;
    int query = start;
    while (query < end && from[query] != '?') {
      query++;
    }
    if (query == start) {
      // An absolute target may have an empty path (RFC 9110 4.2.3).
      bytes[pathLength++] = '/';
    }
    for (int i = start; i < query; ) {
      int c = from[i] == '%' ? escaped(from, i, query) : from[i] & 255;
      if (c < 0) {
        return Fault.SYNTAX;
      }
      boolean keepEscape = from[i] == '%' && !Ascii.isUnreserved(c);
      if (c == ';' && !keepEscape && (endsWith(".") || endsWith(".."))) {
        return Fault.SYNTAX;
      }
      if (keepEscape) {
        bytes[pathLength++] = '%';
        bytes[pathLength++] = Ascii.toUpper(from[i + 1]);
        bytes[pathLength++] = Ascii.toUpper(from[i + 2]);
      } else {
        append((byte) c);
      }
      i += from[i] == '%' ? 3 : 1;
    }
    endSegment();
    System.arraycopy(from, query, bytes, pathLength, end - query);
    totalLength = pathLength + end - query;
    return null;
  }

  private static int escaped(byte[] from, int at, int end) {
    if (at + 2 >= end) {
      return -1;
    }
    int high = Ascii.hex(from[at + 1]);
    int low = Ascii.hex(from[at + 2]);
    int c = high * 16 + low;
    return high < 0 || low < 0 || c == 0 || c == '/' || c == '\\' ? -1 : c;
  }

  private void append(byte c) {
    boolean covered = c == '/' && endSegment();
    if (!covered) {
      bytes[pathLength++] = c;
    }
  }

  /**
   * Removes the last segment if it is {@code .}, and the one before it if it is {@code ..}; then
   * the path ends with the slash that was before them.
   */
  private boolean endSegment() {
    if (endsWith(".")) {
      pathLength -= 1;
      return true;
    }
    if (!endsWith("..")) {
      return false;
    }
    pathLength -= 3;
    while (pathLength > 0 && bytes[pathLength - 1] != '/') {
      pathLength--;
    }
    if (pathLength == 0) {
      bytes[pathLength++] = '/';
    }
    return true;
  }

  private boolean endsWith(String segment) {
    int start = pathLength - segment.length();
    if (start < 1 || bytes[start - 1] != '/') {
      return false;
    }
    for (int i = 0; i < segment.length(); i++) {
      if (bytes[start + i] != segment.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
