package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.account.Failure;
import dev.lockstep.agent.proxy.backend.Claim;
import dev.lockstep.agent.proxy.http.Fault;
import dev.lockstep.agent.proxy.http.FieldSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An answer of our own. Its text holds nothing of what is behind us.
 *
 * @param status its code
 * @param reason its phrase
 * @param failure what went wrong, if anything did
 * @param fields more header fields
 * @param body plain text
 */
public record Answer(
    int status, String reason, Optional<Failure> failure, List<Field> fields, String body)
    implements RequestGate.Decision {

  /** A header field; its name in lower case. */
  public record Field(String name, String value) {}

  private static final List<Field> NONE = List.of();
  private static final List<Field> SOON = List.of(new Field("retry-after", "1"));
  static final Answer REFUSED =
      of(503, "Service Unavailable", SOON, "this replica takes no requests now")
          .because(Failure.NOT_READY);
  static final Answer VERSION_BEHIND =
      of(503, "Service Unavailable", SOON, "this replica does not serve that version yet")
          .because(Failure.VERSION_BEHIND);
  static final Answer TOO_MANY_WAITING = VERSION_BEHIND.because(Failure.TOO_MANY_WAITING);
  static final Answer NO_HOST =
      of(404, "Not Found", NONE, "no route for this host").because(Failure.NO_ROUTE);
  static final Answer NO_PATH =
      of(404, "Not Found", NONE, "no route for this path").because(Failure.NO_ROUTE);
  static final Answer NOT_ALLOWED =
      of(403, "Forbidden", NONE, "not allowed from this address").because(Failure.NOT_ALLOWED);
  static final Answer MISDIRECTED =
      of(421, "Misdirected Request", NONE, "this connection's certificate is not for this host")
          .because(Failure.TLS_MISMATCH);
  static final Answer NO_ENDPOINT =
      of(503, "Service Unavailable", SOON, "no endpoint is ready").because(Failure.NO_ENDPOINT);
  private static final Answer DOWN =
      of(503, "Service Unavailable", SOON, "no endpoint can be reached")
          .because(Failure.BACKEND_DOWN);
  private static final Answer BUSY =
      of(503, "Service Unavailable", SOON, "the backend has enough to do")
          .because(Failure.BACKEND_BUSY);
  private static final Answer OVERLOADED =
      of(503, "Service Unavailable", SOON, "this replica has enough to do")
          .because(Failure.OVERLOADED);
  static final Answer BAD_GATEWAY = of(502, "Bad Gateway", NONE, "the backend failed");
  static final Answer BACKEND_TIMEOUT =
      of(504, "Gateway Timeout", NONE, "the backend did not answer in time")
          .because(Failure.BACKEND_TIMEOUT);

  /** The request did not come in time. */
  public static final Answer REQUEST_TIMEOUT =
      of(408, "Request Timeout", NONE, "the request did not come in time")
          .because(Failure.REQUEST_TIMEOUT);

  /** A stream asked for a protocol that we do not know (RFC 9220 3). */
  public static final Answer UNKNOWN_PROTOCOL =
      of(501, "Not Implemented", NONE, "this protocol is not known")
          .because(Failure.REQUEST_MALFORMED);

  static final Answer BAD_BODY = of(Fault.SYNTAX);

  private static final AsciiString TEXT = AsciiString.cached("text/plain; charset=utf-8");

  private static Answer of(int status, String reason, List<Field> fields, String detail) {
    String body = status + " " + reason + ": " + detail + "\n";
    return new Answer(status, reason, Optional.empty(), fields, body);
  }

  /** {@return the same answer, given for this reason} */
  Answer because(Failure why) {
    return new Answer(status, reason, Optional.of(why), fields, body);
  }

  /** {@return why a request is refused before it is routed} */
  public static Answer of(Fault fault) {
    List<Field> fields =
        fault == Fault.METHOD
            ? List.of(new Field("allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"))
            : NONE;
    return of(fault.status(), fault.reason(), fields, "the request was not understood")
        .because(Failure.REQUEST_MALFORMED);
  }

  /** {@return why a request could be sent to nobody} */
  static Answer of(Claim.Refusal refusal) {
    return switch (refusal) {
      case UNREACHABLE -> BAD_GATEWAY.because(Failure.CONNECT_FAILED);
      case TIMEOUT -> BACKEND_TIMEOUT.because(Failure.CONNECT_TIMEOUT);
      case DOWN -> DOWN;
      case BUSY -> BUSY;
      case OVERLOADED -> OVERLOADED;
    };
  }

  /** {@return an answer that a route gives} */
  static Answer respond(int status, String body) {
    List<Field> fields = status == 503 ? SOON : NONE;
    return new Answer(status, status < 400 ? "OK" : "Refused", Optional.empty(), fields, body);
  }

  /** {@return the permanent redirect to the same target over TLS; 308 keeps method and body} */
  static Answer toHttps(String method, String host, String target) {
    boolean plain = method.equals("GET") || method.equals("HEAD");
    List<Field> location = List.of(new Field("location", "https://" + host + target));
    return plain
        ? of(301, "Moved Permanently", location, "use HTTPS")
        : of(308, "Permanent Redirect", location, "use HTTPS");
  }

  /** What the request and the connection make of an answer. */
  public enum Form {
    KEEP_ALIVE("connection: keep-alive\r\n"),
    CLOSE("connection: close\r\n");

    private final String field;

    Form(String field) {
      this.field = field;
    }

    /** {@return the header field that says so, its CR LF included} */
    public String field() {
      return field;
    }
  }

  /** Writes the answer in HTTP/1.1; to HEAD without the body. */
  public void encodeTo(ByteBuf out, Form form, Consumer<ByteBuf> more, boolean toHead) {
    ascii(out, "HTTP/1.1 ");
    ascii(out, Integer.toString(status));
    ascii(out, " " + reason + "\r\n");
    sendTo((name, value) -> ascii(out, name + ": " + value + "\r\n"));
    ascii(out, form.field);
    more.accept(out);
    ascii(out, "\r\n");
    if (hasBody() && !toHead) {
      out.writeCharSequence(body, StandardCharsets.UTF_8);
    }
  }

  /** Hands on the header fields, those of the body included. */
  public void sendTo(FieldSink sink) {
    if (hasBody()) {
      sink.field(HttpHeaderNames.CONTENT_TYPE, TEXT);
      String length = Integer.toString(ByteBufUtil.utf8Bytes(body));
      sink.field(HttpHeaderNames.CONTENT_LENGTH, AsciiString.of(length));
    }
    fields.forEach(
        field -> sink.field(AsciiString.of(field.name()), AsciiString.of(field.value())));
  }

  /** {@return whether such an answer may have a body} */
  public boolean hasBody() {
    return status >= 200 && status != 204 && status != 304;
  }

  private static void ascii(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
  }
}
