package dev.lockstep.agent.proxy.http;

import java.util.Arrays;

/**
 * What the {@code Connection} fields of a head say: whether to close, whether to upgrade, and which
 * other fields end here (RFC 9110 7.6.1). Not thread-safe: part of a head.
 */
final class ConnectionOptions {
  private boolean close;
  private boolean keepAlive;
  private boolean upgrade;
  private byte[] source = new byte[0];
  private int nominated;
  private int[] places = new int[8];

  boolean close() {
    return close;
  }

  boolean keepAlive() {
    return keepAlive;
  }

  boolean upgrade() {
    return upgrade;
  }

  void read(Head head) {
    close = false;
    keepAlive = false;
    upgrade = false;
    nominated = 0;
    source = head.bytes();
    for (int i = 0; i < head.count(); i++) {
      if (head.name(i) == FieldName.CONNECTION) {
        readList(head, i);
      }
    }
  }

  private void readList(Head head, int field) {
    byte[] bytes = head.bytes();
    int end = head.valueEnd(field);
    for (int from = head.valueStart(field); from < end; ) {
      int to = from;
      while (to < end && bytes[to] != ',') {
        to++;
      }
      int last = to;
      while (last > from && Ascii.isBlank(bytes[last - 1])) {
        last--;
      }
      while (from < last && Ascii.isBlank(bytes[from])) {
        from++;
      }
      option(bytes, from, last);
      from = to + 1;
    }
  }

  private void option(byte[] bytes, int start, int end) {
    if (Ascii.equalsIgnoreCase(bytes, start, end, "close")) {
      close = true;
    } else if (Ascii.equalsIgnoreCase(bytes, start, end, "keep-alive")) {
      keepAlive = true;
    } else if (Ascii.equalsIgnoreCase(bytes, start, end, "upgrade")) {
      upgrade = true;
    } else if (end > start) {
      if (nominated * 2 == places.length) {
        places = Arrays.copyOf(places, places.length * 2);
      }
      places[nominated * 2] = start;
      places[nominated * 2 + 1] = end;
      nominated++;
    }
  }

  /**
   * {@return whether this field was named to end here} The fields may be those of the head that was
   * read, or of the trailers that belong to it.
   */
  boolean nominates(Head head, int field) {
    int start = head.nameStart(field);
    int length = head.nameEnd(field) - start;
    for (int i = 0; i < nominated; i++) {
      int from = places[i * 2];
      if (places[i * 2 + 1] - from == length && isNamed(from, head.bytes(), start, length)) {
        return true;
      }
    }
    return false;
  }

  private boolean isNamed(int from, byte[] bytes, int start, int length) {
    for (int i = 0; i < length; i++) {
      if (Ascii.toLower(source[from + i]) != Ascii.toLower(bytes[start + i])) {
        return false;
      }
    }
    return true;
  }
}
