package dev.lockstep.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the fields of an HTTP/2 message, of either side, as the text that HTTP/1.1 has for them,
 * so that one parser judges both. What must not be in such a message (RFC 9113 8.2, 8.3) is refused
 * here, and no byte gets into the text that could end a line of it.
 */
public final class Http2Text {

  /** Those of RFC 9113 8.2.2: the frames say what they would say. */
  private static final Set<AsciiString> OF_CONNECTIONS =
      Set.of(
          AsciiString.cached("connection"),
          AsciiString.cached("proxy-connection"),
          AsciiString.cached("keep-alive"),
          AsciiString.cached("transfer-encoding"),
          AsciiString.cached("upgrade"));

  private static final AsciiString HOST = AsciiString.cached("host");
  private static final AsciiString COOKIE = AsciiString.cached("cookie");
  private static final AsciiString TE = AsciiString.cached("te");
  private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");

  /** What follows a head. */
  public enum Body {
    /** Nothing: the stream has ended. */
    NONE,
    /** More frames. */
    FOLLOWS
  }

  private Http2Text() {}

  /** What a stream is asked to carry. */
  public enum Asked {
    /** A request and its response. */
    EXCHANGE,
    /** WebSocket, by an extended CONNECT (RFC 8441 5). */
    WEBSOCKET,
    /** Another protocol by an extended CONNECT, none of which is known. */
    OTHER_PROTOCOL
  }

  /** {@return what these fields ask for} */
  public static Asked asked(Http2Headers from) {
    CharSequence protocol = from.get(Http2Headers.PseudoHeaderName.PROTOCOL.value());
    if (protocol == null) {
      return Asked.EXCHANGE;
    }
    return AsciiString.contentEquals(protocol, "websocket")
        ? Asked.WEBSOCKET
        : Asked.OTHER_PROTOCOL;
  }

  /**
   * Writes an extended CONNECT as the handshake of HTTP/1.1 with this key, which such a request has
   * none of (RFC 8441 5); false, and half of it, if it is malformed.
   */
  public static boolean writeHandshake(Http2Headers from, String key, ByteBuf out) {
    boolean connect = from.method() != null && AsciiString.contentEquals(from.method(), "CONNECT");
    return connect
        && writeRequest(from, HttpMethod.GET.asciiName(), out)
        && writeEnd(
            from,
            "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: " + key + "\r\n",
            out);
  }

  /** Reads a request that goes on so as the text that it is; {@return MORE if it is malformed} */
  public static Head.Progress readRequest(Http2Headers from, Body body, RequestHead into) {
    ByteBuf text = PooledByteBufAllocator.DEFAULT.buffer();
    try {
      return writeRequest(from, body, text) ? into.read(text) : Head.Progress.MORE;
    } finally {
      text.release();
    }
  }

  /** Reads trailers as the text that they are; {@return whether they are correct} */
  public static boolean readTrailers(Http2Headers from, Trailers into) {
    ByteBuf text = PooledByteBufAllocator.DEFAULT.buffer();
    try {
      return writeTrailers(from, text) && into.read(text) == Head.Progress.DONE;
    } finally {
      text.release();
    }
  }

  /** Writes a request; false, and half of it, if it is malformed. */
  public static boolean writeRequest(Http2Headers from, Body body, ByteBuf out) {
    // A protocol is asked for by CONNECT alone (RFC 8441 4).
    boolean chunked = body == Body.FOLLOWS && !from.contains(CONTENT_LENGTH);
    return asked(from) == Asked.EXCHANGE
        && writeRequest(from, from.method(), out)
        && writeEnd(from, chunked ? "transfer-encoding: chunked\r\n" : "", out);
  }

  private static boolean writeRequest(
      Http2Headers from, @Nullable CharSequence method, ByteBuf out) {
    if (!writeRequestLine(from, method, out) || !writeHost(from, out)) {
      return false;
    }
    for (Map.Entry<CharSequence, CharSequence> field : from) {
      if (isPseudo(field.getKey())
          || equal(field.getKey(), HOST)
          || equal(field.getKey(), COOKIE)) {
        continue;
      }
      if (!mayPass(field.getKey(), field.getValue()) || !writeField(field, out)) {
        return false;
      }
    }
    return true;
  }

  private static boolean writeEnd(Http2Headers from, String more, ByteBuf out) {
    ascii(out, more);
    boolean correct = writeCookies(from, out);
    ascii(out, "\r\n");
    return correct;
  }

  /** Writes a response; false, and half of it, if it is malformed. */
  public static boolean writeResponse(Http2Headers from, Body body, ByteBuf out) {
    CharSequence status = from.status();
    if (status == null || status.length() != 3) {
      return false;
    }
    ascii(out, "HTTP/1.1 ");
    boolean correct = writeVisible(status, out);
    ascii(out, " \r\n");
    for (Map.Entry<CharSequence, CharSequence> field : from) {
      if (!isPseudo(field.getKey())) {
        correct &= mayPass(field.getKey(), field.getValue()) && writeField(field, out);
      }
    }
    // What follows an interim response is the next one, not a body.
    boolean interim = status.charAt(0) == '1';
    if (body == Body.FOLLOWS && !interim && !from.contains(CONTENT_LENGTH)) {
      ascii(out, "transfer-encoding: chunked\r\n");
    }
    ascii(out, "\r\n");
    return correct;
  }

  /** Writes trailers; false, and half of them, if they are malformed. */
  public static boolean writeTrailers(Http2Headers from, ByteBuf out) {
    for (Map.Entry<CharSequence, CharSequence> field : from) {
      if (!mayPass(field.getKey(), field.getValue()) || !writeField(field, out)) {
        return false;
      }
    }
    ascii(out, "\r\n");
    return true;
  }

  private static boolean writeRequestLine(
      Http2Headers from, @Nullable CharSequence method, ByteBuf out) {
    CharSequence path = from.path();
    CharSequence scheme = from.scheme();
    if (method == null || path == null || scheme == null || path.isEmpty()) {
      return false;
    }
    // An absolute form has its place in HTTP/1.1 only; here it would be a second authority.
    boolean origin = path.charAt(0) == '/' || AsciiString.contentEquals(path, "*");
    boolean http =
        AsciiString.contentEquals(scheme, "https") || AsciiString.contentEquals(scheme, "http");
    if (!origin || !http || !writeVisible(method, out)) {
      return false;
    }
    out.writeByte(' ');
    boolean visible = writeVisible(path, out);
    ascii(out, " HTTP/1.1\r\n");
    return visible;
  }

  /** The authority is the host; who names both must name the same (RFC 9113 8.3.1). */
  private static boolean writeHost(Http2Headers from, ByteBuf out) {
    CharSequence authority = from.authority();
    for (CharSequence host : from.getAll(HOST)) {
      if (authority != null && !AsciiString.contentEqualsIgnoreCase(authority, host)) {
        return false;
      }
      authority = host;
    }
    if (authority == null) {
      return true; // The parser misses it.
    }
    ascii(out, "host: ");
    boolean visible = writeVisible(authority, out);
    ascii(out, "\r\n");
    return visible;
  }

  /** Crumbs are one field in HTTP/1.1 (RFC 9113 8.2.3). */
  private static boolean writeCookies(Http2Headers from, ByteBuf out) {
    String before = "cookie: ";
    boolean correct = true;
    for (CharSequence crumb : from.getAll(COOKIE)) {
      ascii(out, before);
      correct &= writeValue(crumb, out);
      before = "; ";
    }
    if (!before.equals("cookie: ")) {
      ascii(out, "\r\n");
    }
    return correct;
  }

  private static boolean isPseudo(CharSequence name) {
    return !name.isEmpty() && name.charAt(0) == ':';
  }

  private static boolean mayPass(CharSequence name, CharSequence value) {
    boolean trailersOnly = !equal(name, TE) || AsciiString.contentEquals(value, "trailers");
    return trailersOnly && !OF_CONNECTIONS.contains(AsciiString.of(name));
  }

  private static boolean equal(CharSequence name, AsciiString other) {
    return other.contentEquals(name);
  }

  private static boolean writeField(Map.Entry<CharSequence, CharSequence> field, ByteBuf out) {
    CharSequence name = field.getKey();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c > 0x7f || !Ascii.isToken((byte) c) || (c >= 'A' && c <= 'Z')) {
        return false;
      }
      out.writeByte(c);
    }
    ascii(out, ": ");
    boolean correct = !name.isEmpty() && writeValue(field.getValue(), out);
    ascii(out, "\r\n");
    return correct;
  }

  private static boolean writeValue(CharSequence value, ByteBuf out) {
    int length = value.length();
    boolean padded =
        length > 0
            && (Ascii.isBlank((byte) value.charAt(0))
                || Ascii.isBlank((byte) value.charAt(length - 1)));
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (padded || c > 0xff || !Ascii.isField((byte) c)) {
        return false;
      }
      out.writeByte(c);
    }
    return true;
  }

  private static boolean writeVisible(CharSequence text, ByteBuf out) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f) {
        return false;
      }
      out.writeByte(c);
    }
    return true;
  }

  private static void ascii(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
  }
}
