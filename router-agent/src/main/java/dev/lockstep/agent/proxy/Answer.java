package dev.lockstep.agent.proxy;

import dev.lockstep.agent.proxy.http.Fault;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/**
 * An answer of our own. Its text holds nothing of what is behind us.
 *
 * @param status its code
 * @param reason its phrase
 * @param fields more header fields, each with its CR LF
 * @param body plain text
 */
record Answer(int status, String reason, String fields, String body)
    implements RequestGate.Decision {
  static final Answer REFUSED =
      of(503, "Service Unavailable", "retry-after: 1\r\n", "this replica takes no requests now");
  static final Answer NO_HOST = of(404, "Not Found", "", "no route for this host");
  static final Answer NO_PATH = of(404, "Not Found", "", "no route for this path");
  static final Answer NOT_ALLOWED = of(403, "Forbidden", "", "not allowed from this address");
  static final Answer MISDIRECTED =
      of(421, "Misdirected Request", "", "this connection's certificate is not for this host");
  static final Answer NO_ENDPOINT =
      of(503, "Service Unavailable", "retry-after: 1\r\n", "no endpoint is ready");
  static final Answer BAD_GATEWAY = of(502, "Bad Gateway", "", "the backend failed");
  static final Answer GATEWAY_TIMEOUT =
      of(504, "Gateway Timeout", "", "the backend did not answer in time");
  static final Answer REQUEST_TIMEOUT =
      of(408, "Request Timeout", "", "the request did not come in time");
  static final Answer BAD_BODY = of(Fault.SYNTAX);

  /** Room for the status line, the fields of every answer, and some more. */
  private static final int HEAD_ROOM = 160;

  private static Answer of(int status, String reason, String fields, String detail) {
    return new Answer(status, reason, fields, status + " " + reason + ": " + detail + "\n");
  }

  static Answer of(Fault fault) {
    String fields =
        fault == Fault.METHOD ? "allow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n" : "";
    return of(fault.status(), fault.reason(), fields, "the request was not understood");
  }

  /** {@return an answer that a route gives} */
  static Answer respond(int status, String body) {
    String fields = status == 503 ? "retry-after: 1\r\n" : "";
    return new Answer(status, status < 400 ? "OK" : "Refused", fields, body);
  }

  /** {@return the permanent redirect to the same target over TLS; 308 keeps method and body} */
  static Answer toHttps(String method, String host, String target) {
    boolean plain = method.equals("GET") || method.equals("HEAD");
    String location = "location: https://" + host + target + "\r\n";
    return plain
        ? of(301, "Moved Permanently", location, "use HTTPS")
        : of(308, "Permanent Redirect", location, "use HTTPS");
  }

  /** What the request and the connection make of an answer. */
  enum Form {
    KEEP_ALIVE("connection: keep-alive\r\n"),
    CLOSE("connection: close\r\n");

    private final String field;

    Form(String field) {
      this.field = field;
    }
  }

  /** {@return the bytes; to HEAD without the body} */
  ByteBuf encode(ByteBufAllocator allocator, Form form, boolean toHead) {
    boolean hasBody = status >= 200 && status != 204 && status != 304;
    ByteBuf out = allocator.buffer(HEAD_ROOM + fields.length() + body.length());
    ascii(out, "HTTP/1.1 ");
    ascii(out, Integer.toString(status));
    ascii(out, " " + reason + "\r\n");
    if (hasBody) {
      ascii(out, "content-type: text/plain; charset=utf-8\r\ncontent-length: ");
      ascii(out, ByteBufUtil.utf8Bytes(body) + "\r\n");
    }
    ascii(out, form.field);
    ascii(out, fields);
    ascii(out, "\r\n");
    if (hasBody && !toHead) {
      out.writeCharSequence(body, StandardCharsets.UTF_8);
    }
    return out;
  }

  private static void ascii(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
  }

  /** {@return this answer with another header field, CR LF included} */
  Answer with(String field) {
    return new Answer(status, reason, fields + field, body);
  }
}
