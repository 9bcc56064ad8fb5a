package dev.lockstep.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The head of a response, read as strictly as a request: what cannot be read in one way only is not
 * passed on. Not thread-safe: one per backend connection, reused.
 */
public final class ResponseHead {
  /** What a backend may send as a head. */
  public static final HeadLimits LIMITS = new HeadLimits(8192, 65_536, 200);

  /** How many interim responses a backend may send before the final one. */
  public static final int MAX_INTERIM = 8;

  private static final int STATUS_AT = "HTTP/1.1 ".length();

  private final Head head = new Head(LIMITS, new ResponseRules());
  private final ConnectionOptions options = new ConnectionOptions();
  private final BodyFraming framing = new BodyFraming(options);
  private int minorVersion;
  private int status;
  private int statusStart;
  private int statusEnd;
  private boolean upgradesToWebSocket;
  private boolean bodyMustNotBe;
  private boolean withoutRequestId;
  private @Nullable String cookie;

  /** Reads what there is; after {@link Head.Progress#DONE} all the accessors are valid. */
  public Head.Progress read(ByteBuf in) {
    return head.read(in);
  }

  /** Forgets this response. */
  public void reset() {
    head.reset();
    withoutRequestId = false;
    cookie = null;
  }

  /** Adds a {@code Set-Cookie} of our own with this value, which is ASCII, to those that it has. */
  public void addCookie(String value) {
    cookie = value;
  }

  /** {@return the status code} */
  public int status() {
    return status;
  }

  /** {@return whether another response follows for the same request} */
  public boolean isInterim() {
    return status < 200 && status != 101;
  }

  /**
   * {@return whether this interim response is meant for the client: all are but {@code 100
   * Continue}, for which we have asked, if anybody has (RFC 9110 15.2)}
   */
  public boolean isHint() {
    return isInterim() && status != 100;
  }

  /** {@return whether the connection speaks WebSocket from here on} */
  public boolean upgradesToWebSocket() {
    return upgradesToWebSocket;
  }

  /** {@return whether this consents to the WebSocket handshake with the key of this answer} */
  public boolean consents(String accept) {
    int found = 0;
    for (int i = 0; i < head.count(); i++) {
      if (head.nameIs(i, "sec-websocket-accept")) {
        found += head.value(i).equals(accept) ? 1 : 2;
      }
    }
    return upgradesToWebSocket && found == 1;
  }

  /**
   * {@return whether the backend takes another request on the connection} Not after a 204 that
   * announces a body: if that came later, it would be read as the answer to somebody else.
   */
  public boolean keepsAlive() {
    return minorVersion == 1 && !options.close() && !bodyMustNotBe;
  }

  /** Says that no body follows, whatever the fields leave open. */
  public void endHere() {
    framing.set(BodyFraming.Kind.NONE);
  }

  /** Passes on no id of the request: somebody else says it. */
  public void leaveOutRequestId() {
    withoutRequestId = true;
  }

  /** {@return where the body of the answer to this request ends} */
  public BodyFraming framing(RequestHead request) {
    if (status < 200 || status == 204 || status == 304 || request.isHead()) {
      framing.set(BodyFraming.Kind.NONE);
    }
    return framing;
  }

  /**
   * Writes status line and fields for a client, without framing, {@code Connection} and the last
   * empty line. When there is no body but a length says how long it would be, that passes.
   */
  public void writeTo(ByteBuf out) {
    out.writeCharSequence("HTTP/1.1 ", StandardCharsets.US_ASCII);
    out.writeBytes(head.bytes(), statusStart, statusEnd - statusStart);
    if (statusEnd == statusStart + 3) {
      // The blank stays where there is no phrase (RFC 9112 4).
      out.writeByte(' ');
    }
    out.writeByte('\r').writeByte('\n');
    for (int i = 0; i < head.count(); i++) {
      if (passes(i)) {
        head.writeLineTo(out, i);
      }
    }
    String own = cookie;
    if (own != null) {
      out.writeCharSequence("set-cookie: " + own + "\r\n", StandardCharsets.US_ASCII);
    }
  }

  /** Hands on the same fields, for a client that gets no text. */
  public void sendTo(FieldSink sink) {
    for (int i = 0; i < head.count(); i++) {
      if (passes(i)) {
        head.sendTo(sink, i);
      }
    }
    String own = cookie;
    if (own != null) {
      sink.field(HttpHeaderNames.SET_COOKIE, AsciiString.of(own));
    }
  }

  private boolean passes(int field) {
    return switch (head.name(field)) {
      case OTHER, WEBSOCKET_KEY, WEBSOCKET_VERSION, FORWARDING, EXPECT, MIN_VERSION ->
          !options.nominates(head, field);
      case REQUEST_ID -> !withoutRequestId && !options.nominates(head, field);
      case CONTENT_LENGTH -> status >= 200 && status != 204;
      case HOST, TRANSFER_ENCODING, CONNECTION, UPGRADE, HOP, LOOKALIKE, VERSION -> false;
    };
  }

  private final class ResponseRules implements Head.Rules {

    @Override
    public boolean skipsEmptyLine() {
      return false;
    }

    @Override
    public @Nullable Fault startLine(Head line, int start, int end) {
      byte[] bytes = line.bytes();
      statusStart = start + STATUS_AT;
      statusEnd = end;
      boolean http =
          end - start >= STATUS_AT + 3
              && Ascii.equals(bytes, start, start + 7, "HTTP/1.")
              && Ascii.isDigit(bytes[start + 7])
              && bytes[start + 8] == ' ';
      if (!http) {
        return Fault.SYNTAX;
      }
      // A higher minor version is read as the highest that we know (RFC 9110 6.2).
      minorVersion = bytes[start + 7] == '0' ? 0 : 1;
      status = 0;
      for (int i = statusStart; i < statusStart + 3; i++) {
        if (!Ascii.isDigit(bytes[i])) {
          return Fault.SYNTAX;
        }
        status = status * 10 + (bytes[i] - '0');
      }
      boolean reason = end == statusStart + 3 || bytes[statusStart + 3] == ' ';
      for (int i = statusStart + 3; reason && i < end; i++) {
        reason = Ascii.isField(bytes[i]);
      }
      return reason && status >= 100 && status <= 599 ? null : Fault.SYNTAX;
    }

    @Override
    public @Nullable Fault fields(Head fields) {
      options.read(fields);
      Fault fault = framing.read(fields);
      if (fault != null || (framing.kind() == BodyFraming.Kind.CHUNKED && minorVersion == 0)) {
        return Fault.SYNTAX;
      }
      // Neither may say that a body follows (RFC 9110 8.6, RFC 9112 6.1), for none does.
      boolean announced =
          framing.kind() == BodyFraming.Kind.CHUNKED
              || (framing.kind() == BodyFraming.Kind.LENGTH && framing.length() > 0);
      bodyMustNotBe = announced && status == 204;
      if (announced && status < 200) {
        return Fault.SYNTAX;
      }
      if (framing.kind() == BodyFraming.Kind.NONE) {
        framing.set(BodyFraming.Kind.UNTIL_CLOSE);
      }
      upgradesToWebSocket = false;
      for (int i = 0; i < fields.count() && status == 101 && options.upgrade(); i++) {
        upgradesToWebSocket |=
            fields.name(i) == FieldName.UPGRADE && fields.valueIs(i, "websocket");
      }
      return null;
    }
  }
}
