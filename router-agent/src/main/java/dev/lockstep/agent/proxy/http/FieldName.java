package dev.lockstep.agent.proxy.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The header fields that a proxy must know; it passes all others on unread. */
enum FieldName {
  HOST("host"),
  CONTENT_LENGTH("content-length"),
  TRANSFER_ENCODING("transfer-encoding"),
  CONNECTION("connection"),
  UPGRADE("upgrade"),
  EXPECT("expect"),
  WEBSOCKET_KEY("sec-websocket-key"),
  WEBSOCKET_VERSION("sec-websocket-version"),
  /** Ends at each hop (RFC 9110 7.6.1), or meant for proxies; {@code proxy} is "httpoxy". */
  HOP(
      "keep-alive",
      "proxy-connection",
      "te",
      "proxy",
      "proxy-authorization",
      "proxy-authenticate",
      "proxy-authentication-info",
      "http2-settings"),
  /** Claims about the client: only our own go to a backend. */
  FORWARDING("forwarded", "x-real-ip"),
  /** Names a request; ours to say only where a setting says so. */
  REQUEST_ID("x-request-id"),
  /** Asks for a version; read only where a setting says so. */
  MIN_VERSION("lockstep-min-version"),
  /** The version that served a request: in an answer, ours alone to say. */
  VERSION("lockstep-version"),
  /** Looks like one of the above to software that reads {@code _} as {@code -}: never passed on. */
  LOOKALIKE,
  OTHER;

  private static final byte[] FORWARDED_PREFIX = bytes("x-forwarded-");

  private record Known(byte[] name, FieldName field) {}

  /** By length of the name, so that most names are told apart without a comparison. */
  private static final Known[][] BY_LENGTH = byLength();

  private final String[] names;

  FieldName(String... names) {
    this.names = names;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static Known[][] byLength() {
    List<List<Known>> byLength = new ArrayList<>();
    for (FieldName field : values()) {
      for (String name : field.names) {
        while (byLength.size() <= name.length()) {
          byLength.add(new ArrayList<>());
        }
        byLength.get(name.length()).add(new Known(bytes(name), field));
      }
    }
    return byLength.stream().map(l -> l.toArray(Known[]::new)).toArray(Known[][]::new);
  }

  /** {@return which field the name between these places is} */
  static FieldName of(byte[] head, int start, int end) {
    int length = end - start;
    if (length < BY_LENGTH.length) {
      for (Known known : BY_LENGTH[length]) {
        if (matches(head, start, known.name)) {
          return known.field.isOurs() ? known.field : orLookalike(head, start, end, known.field);
        }
      }
    }
    if (length > FORWARDED_PREFIX.length && matches(head, start, FORWARDED_PREFIX)) {
      return orLookalike(head, start, end, FORWARDING);
    }
    return OTHER;
  }

  /** {@return whether it may mean nothing, and then passes however it is spelled} */
  private boolean isOurs() {
    return this == REQUEST_ID || this == MIN_VERSION || this == VERSION;
  }

  private static FieldName orLookalike(byte[] head, int start, int end, FieldName field) {
    for (int i = start; i < end; i++) {
      if (head[i] == '_') {
        return LOOKALIKE;
      }
    }
    return field;
  }

  private static boolean matches(byte[] head, int start, byte[] name) {
    for (int i = 0; i < name.length; i++) {
      byte b = head[start + i];
      int lower = b >= 'A' && b <= 'Z' ? b | 0x20 : b == '_' ? '-' : b;
      if (lower != name[i]) {
        return false;
      }
    }
    return true;
  }
}
