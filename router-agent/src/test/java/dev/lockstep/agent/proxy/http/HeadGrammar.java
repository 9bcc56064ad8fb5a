package dev.lockstep.agent.proxy.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Makes requests that are nearly right: from pieces of the grammar, some of them wrong, and then
 * with bytes changed here and there. What it makes depends on its random numbers alone.
 */
final class HeadGrammar {
  /** What is right, and what is odd. */
  private record Choice(String[] right, String[]... odd) {}

  private static final Choice METHODS =
      new Choice(
          words("GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"),
          words("CONNECT", "TRACE", "get", "M-SEARCH", "", "G(T", "PRI"));
  private static final Choice SEGMENTS =
      new Choice(
          words("a", "b", "c", "admin", "..", "%2e", "%2E%2e", ".", ".%2e", "%c3%a4", "a;b", "%7e"),
          words("%2f", "%5C", "%00", "%zz", "%4", "%", "..;", ".;x", "\\", "a b", "\344", "#"),
          words("%41", "%C3%A4", "...", "..%3b", "%3b", "", "*", "{x}", "@", "a:b", "%2525"));
  private static final Choice QUERIES =
      new Choice(words("", "", "?", "?a=b", "?%2f..%zz", "?a?b", "?/."), words("?#", "?\\", "? "));
  private static final Choice HOSTS =
      new Choice(
          words("a.test", "A.Test", "a.test.", "b.test", "x.a.test", "1.2.3.4", "[::1]", "a_b"),
          words(
              "a..b", ".a", ".", "", "u@a.test", "*.test", "a,b", "\344.test", "a.test/x", "a%2e"),
          words("[1:2::3.4.5.6]", "[::ffff:1.2.3.4]", "[1::2::3]", "[::1", "[1:2:3:4:5:6:7:8]"),
          words("[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7:8:9]", "[:::]", "[1.2.3.4]", "[g::]", "a."));
  private static final Choice PORTS =
      new Choice(
          words("", "", "", ":80", ":443", ":00080"),
          words(":0", ":65535", ":65536", ":", ":x", ":000080", ":+80"));
  private static final Choice VERSIONS =
      new Choice(
          words(" HTTP/1.1", " HTTP/1.1", " HTTP/1.1", " HTTP/1.1", " HTTP/1.0", " HTTP/1.2"),
          words(
              " HTTP/2.0", " http/1.1", " HTTP/1.10", " HTTP/0.9", "", "  HTTP/1.1", " HTTP/1.1 "));
  private static final Choice STATUS_LINES =
      new Choice(
          words("HTTP/1.1 200 OK", "HTTP/1.1 204 No", "HTTP/1.1 304 Not", "HTTP/1.1 101 Switching"),
          words(
              "HTTP/1.0 200 OK",
              "HTTP/1.1 100 C",
              "HTTP/1.1 599",
              "HTTP/1.1 200 ",
              "HTTP/1.2 404 X"),
          words("\r\nHTTP/1.1 200 OK", "HTTP/1.1 600 X", "HTTP/1.1 099 X", "HTTP/2 200", "hello"),
          words(
              "http/1.1 200 OK",
              "HTTP/1.1 2000 X",
              "HTTP/1.1  200 X",
              "HTTP/1.1 20",
              "HTTP/1.1 200\tX"));
  private static final Choice LENGTHS =
      new Choice(
          words("0", "3", "5", "0003", "999999999999999999"),
          words("+3", "-1", "3, 3", "", "3 3", "9999999999999999999", "0x3", "\"3\""));
  private static final Choice CODINGS =
      new Choice(
          words("chunked", "chunked", "Chunked"),
          words("gzip, chunked", "gzip,chunked", "chunked, chunked", "chunked,", ", chunked"),
          words("xchunked", "identity", "", "chunked;q=1", "gzip"));
  private static final Choice OPTIONS =
      new Choice(
          words("close", "keep-alive", "upgrade", "Upgrade", "x-hop", "X-Hop", "te", "cookie"),
          words("", "host", "CLOSE", "a b", "content-length", "\"close\""));
  private static final Choice NAMES =
      new Choice(
          words("X-Hop", "x-hop", "Cookie", "X-Forwarded-For", "X_Forwarded_For", "x-forwarded-"),
          words("Forwarded", "X-Real-IP", "x_real-ip", "TE", "Keep-Alive", "Proxy", "Trailer"),
          words("Proxy-Connection", "HTTP2-Settings", "Content_Length", "Transfer_Encoding", "X"),
          words("X_Custom", "A", "!#$%&'*+.^_`|~", "Proxy-Authorization", "sec_websocket_key"),
          words("Content-Length", "Host", "Upgrade", "Expect", "X\344", "X Y", ""));
  private static final Choice VALUES =
      new Choice(
          words(
              "",
              "a",
              "a b",
              "\t a \t",
              "1",
              "6.6.6.6",
              "a:b",
              "\344\377",
              "a,b",
              "\"q\"",
              "a=b; c"),
          words("a\0b", "a\u0001", "\177", "a\rb"));
  private static final Choice KEYS =
      new Choice(
          words("dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA=="),
          words("short", "dGhlIHNhbXBsZSBub25jZQaa", "dGhlIHNhbXBsZSBub25j.Q=="));
  private static final Choice ENDS =
      new Choice(
          words("\r\n"), words("\n", "\r", "\r\r\n", "\r\n ", "\r\n\t", "", "\r\n\r\n", "\n\r"));
  private static final Choice SIZES =
      new Choice(
          words("3", "3", "03"),
          words("a", "B", "+3", "-3", "0x3", "3 ", "", "fffffffffffffff", "1000000000000003"));
  private static final Choice EXTENSIONS =
      new Choice(
          words("", "", "", ";a", ";a=b", ";a=\"b\"", ";a=\"\\\"\"", " ; a = b", ";a=\"\t;\344\""),
          words(
              ";a=\"b", ";", ";=b", "; a ;b", ";a b", ";a=", ";a=\"\\", ";a=\"b\"c", ";a=\"\0\""));
  private static final byte[] ODD_BYTES =
      "\r\n\r\n \t\0:;,.%/\\?#=-_\"@[]{}\u007f\u0080\u00ff\u000b\u000cAz09*+"
          .getBytes(StandardCharsets.ISO_8859_1);

  private final SplittableRandom random;
  private final StringBuilder out = new StringBuilder();

  private String host = "";

  /** One in so many pieces is odd. */
  private final int oddness;

  HeadGrammar(SplittableRandom random) {
    this.random = random;
    this.oddness = random.nextInt(3) == 0 ? 4 : 60;
  }

  /** {@return a stream of bytes that begins like a request, or none at all} */
  byte[] request() {
    out.setLength(0);
    host = one(HOSTS) + one(PORTS);
    writeRequest();
    return random.nextInt(20) == 0 ? noise() : changed();
  }

  /** {@return a stream of bytes that begins like an answer, or none at all} */
  byte[] answer() {
    out.setLength(0);
    out.append(one(STATUS_LINES));
    end();
    for (int i = random.nextInt(6); i > 0; i--) {
      anyField();
    }
    end();
    out.append(random.nextBoolean() ? "3\r\nabc" : "");
    return random.nextInt(20) == 0 ? noise() : changed();
  }

  private byte[] noise() {
    byte[] bytes = new byte[random.nextInt(80)];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] changed() {
    byte[] bytes = out.toString().getBytes(StandardCharsets.ISO_8859_1);
    for (int i = random.nextInt(8) - 5; i > 0 && bytes.length > 0; i--) {
      bytes = changed(bytes);
    }
    return bytes;
  }

  private void writeRequest() {
    out.append(rarely() ? "\r\n" : "").append(one(METHODS)).append(' ');
    target();
    out.append(one(VERSIONS));
    end();
    if (!rarely()) {
      field("Host", rarely() ? one(HOSTS) + one(PORTS) : host);
    }
    if (random.nextInt(3) == 0) {
      field("Transfer-Encoding", one(CODINGS));
    }
    for (int i = random.nextInt(5); i > 0; i--) {
      anyField();
    }
    end();
    for (int i = random.nextInt(4); i > 0; i--) {
      out.append(one(SIZES)).append(one(EXTENSIONS));
      end();
      out.append(rarely() ? "abcd" : "abc");
      end();
    }
    out.append('0').append(one(EXTENSIONS));
    end();
    for (int i = random.nextInt(3) - 1; i > 0; i--) {
      anyField();
    }
    end();
    out.append(random.nextInt(3) == 0 ? "GET /next HTTP/1.1\r\n" : "");
  }

  private void target() {
    int kind = random.nextInt(20);
    if (kind < 2) {
      host = one(HOSTS) + one(PORTS);
      out.append(kind == 0 ? "http://" : "HTTPS://").append(host);
    } else if (kind == 2) {
      out.append(rarely() ? "http:" : "*");
    }
    for (int i = kind == 2 ? 0 : random.nextInt(6); i > 0; i--) {
      out.append('/').append(one(SEGMENTS));
    }
    out.append(kind > 2 && !rarely() ? "/" : "").append(kind == 2 ? "" : one(QUERIES));
  }

  private void anyField() {
    switch (random.nextInt(10)) {
      case 0 -> field("Content-Length", one(LENGTHS));
      case 1 -> field("Transfer-Encoding", one(CODINGS));
      case 3 ->
          field("Connection", one(OPTIONS) + (random.nextBoolean() ? ", " : ",") + one(OPTIONS));
      case 4 -> field("Expect", rarely() ? "x" : "100-continue");
      case 5 -> {
        field("Connection", "Upgrade");
        field("Upgrade", rarely() ? "h2c" : "websocket");
        field("Sec-WebSocket-Key", one(KEYS));
        field("Sec-WebSocket-Version", rarely() ? "8" : "13");
      }
      default -> field(one(NAMES), one(VALUES));
    }
  }

  private void field(String name, String value) {
    out.append(name).append(rarely() ? " :" : ":").append(random.nextBoolean() ? " " : "");
    out.append(value);
    end();
  }

  private void end() {
    out.append(random.nextInt(10) == 0 ? one(ENDS) : "\r\n");
  }

  private boolean rarely() {
    return random.nextInt(oddness) == 0;
  }

  private String one(Choice choice) {
    boolean odd = random.nextInt(oddness) == 0;
    String[] of = odd ? choice.odd()[random.nextInt(choice.odd().length)] : choice.right();
    return of[random.nextInt(of.length)];
  }

  private static String[] words(String... words) {
    return words;
  }

  /** {@return the bytes with one change: other, more, fewer, moved or repeated bytes} */
  private byte[] changed(byte[] bytes) {
    int at = random.nextInt(bytes.length);
    int length = Math.min(bytes.length - at, 1 + random.nextInt(random.nextInt(30) + 1));
    byte odd = ODD_BYTES[random.nextInt(ODD_BYTES.length)];
    byte[] copy = bytes.clone();
    switch (random.nextInt(6)) {
      case 0 -> copy[at] = odd;
      case 1 -> copy[at] = (byte) (copy[at] ^ (1 << random.nextInt(8)));
      case 2 -> copy = spliced(bytes, at, at, new byte[] {odd});
      case 3 -> copy = spliced(bytes, at, at + length, new byte[0]);
      case 4 -> copy = spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, at + length));
      default -> {
        int from = random.nextInt(bytes.length - length + 1);
        copy = spliced(bytes, at, at, Arrays.copyOfRange(bytes, from, from + length));
      }
    }
    return copy;
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte[] instead) {
    byte[] result = Arrays.copyOf(bytes, bytes.length - (to - from) + instead.length);
    System.arraycopy(instead, 0, result, from, instead.length);
    System.arraycopy(bytes, to, result, from + instead.length, bytes.length - to);
    return result;
  }
}
