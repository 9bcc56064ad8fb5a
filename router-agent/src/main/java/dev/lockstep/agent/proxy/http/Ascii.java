package dev.lockstep.agent.proxy.http;

import java.util.function.IntPredicate;

/** Classes of bytes (RFC 9110 5.6), as tables. */
final class Ascii {
  private static final boolean[] TOKEN =
      table(c -> isAlphanumeric(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
  private static final boolean[] FIELD = table(c -> c == '\t' || (c >= ' ' && c != 0x7f));
  private static final boolean[] TARGET = table(c -> c > ' ' && c < 0x7f && c != '#' && c != '\\');
  private static final boolean[] UNRESERVED =
      table(c -> isAlphanumeric(c) || "-._~".indexOf(c) >= 0);
  private static final boolean[] HOST = table(c -> isAlphanumeric(c) || "-._".indexOf(c) >= 0);

  /** Digits of numbers that all fit into a long. */
  private static final int LONGEST_DECIMAL = 18;

  private Ascii() {}

  private static boolean[] table(IntPredicate contains) {
    boolean[] table = new boolean[256];
    for (int c = 0; c < 256; c++) {
      table[c] = contains.test(c);
    }
    return table;
  }

  private static boolean isAlphanumeric(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  /** {@return whether it may stand in a method or a field name} */
  static boolean isToken(byte b) {
    return TOKEN[b & 255];
  }

  /** {@return whether it may stand in a field value} */
  static boolean isField(byte b) {
    return FIELD[b & 255];
  }

  /** {@return whether it may stand in a request target} */
  static boolean isTarget(byte b) {
    return TARGET[b & 255];
  }

  /** {@return whether a URI means the same with and without percent-encoding it} */
  static boolean isUnreserved(int c) {
    return UNRESERVED[c & 255];
  }

  /** {@return whether it may stand in a host name} */
  static boolean isHost(byte b) {
    return HOST[b & 255];
  }

  static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  static byte toLower(byte b) {
    return b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
  }

  static byte toUpper(byte b) {
    return b >= 'a' && b <= 'z' ? (byte) (b & ~0x20) : b;
  }

  /** {@return the value of a hexadecimal digit, negative for anything else} */
  static int hex(byte b) {
    if (isDigit(b)) {
      return b - '0';
    }
    int lower = b | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  /** {@return the decimal number between the places; negative for anything else, or too large} */
  static long decimal(byte[] bytes, int start, int end) {
    long value = start == end || end - start > LONGEST_DECIMAL ? -1 : 0;
    for (int i = start; value >= 0 && i < end; i++) {
      value = isDigit(bytes[i]) ? value * 10 + (bytes[i] - '0') : -1;
    }
    return value;
  }

  /** {@return whether the bytes between the places are exactly the text} */
  static boolean equals(byte[] bytes, int start, int end, String text) {
    if (end - start != text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (bytes[start + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** {@return whether the bytes between the places are the text, which is in lower case} */
  static boolean equalsIgnoreCase(byte[] bytes, int start, int end, String lower) {
    if (end - start != lower.length()) {
      return false;
    }
    for (int i = 0; i < lower.length(); i++) {
      if (toLower(bytes[start + i]) != lower.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
