package dev.lockstep.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request, checked before anything is done with it: what it asks for can be read in
 * one way only, or it is refused. Not thread-safe: one per client connection, reused.
 */
public final class RequestHead {
  private static final int HTTP_PORT = 80;
  private static final int WEBSOCKET_KEY_LENGTH = 24;

  private final Head head;
  private final ConnectionOptions options = new ConnectionOptions();
  private final BodyFraming framing = new BodyFraming(options);
  private final Authority authority = new Authority();
  private final Authority targetAuthority = new Authority();
  private final Target target = new Target();
  private final ExtraFields extras;
  private int methodEnd;
  private int methodStart;
  private int minorVersion;
  private boolean absolute;
  private boolean upgradesToWebSocket;
  private boolean expectsContinue;
  private boolean acceptsTrailers;

  /** Reads heads up to these limits, to which no extra field means anything. */
  public RequestHead(HeadLimits limits) {
    this(limits, Set.of());
  }

  /** Reads heads up to these limits, to which these fields mean something. */
  public RequestHead(HeadLimits limits, Set<ExtraFields.Extra> meant) {
    this.head = new Head(limits, new RequestRules());
    this.extras = new ExtraFields(head, meant);
  }

  /** Reads what there is; after {@link Head.Progress#DONE} all the accessors are valid. */
  public Head.Progress read(ByteBuf in) {
    return head.read(in);
  }

  /** Forgets this request. */
  public void reset() {
    head.reset();
    methodStart = 0;
    methodEnd = 0;
    minorVersion = 1;
    absolute = false;
  }

  /** {@return whether a head has been begun and is not whole} */
  public boolean isPartial() {
    return head.isPartial();
  }

  /** {@return why the request is refused} */
  public Fault fault() {
    return head.fault();
  }

  /** {@return host and port asked for} */
  public Authority authority() {
    return authority;
  }

  /** {@return path and query asked for} */
  public Target target() {
    return target;
  }

  /** {@return where the body ends} */
  public BodyFraming framing() {
    return framing;
  }

  /** {@return whether there are body bytes to come} */
  public boolean hasBody() {
    return switch (framing.kind()) {
      case NONE -> false;
      case LENGTH -> framing.length() > 0;
      case CHUNKED, UNTIL_CLOSE -> true;
    };
  }

  /** {@return whether the client understands chunks, trailers and interim responses} */
  public boolean isHttp11() {
    return minorVersion == 1;
  }

  /** {@return whether the client will send another request on the connection} */
  public boolean keepsAlive() {
    return isHttp11() ? !options.close() : options.keepAlive() && !options.close();
  }

  /** {@return whether this is a correct WebSocket opening handshake (RFC 6455 4.2.1)} */
  public boolean upgradesToWebSocket() {
    return upgradesToWebSocket;
  }

  /** {@return whether the client waits for {@code 100 Continue} before it sends the body} */
  public boolean expectsContinue() {
    return expectsContinue;
  }

  /** {@return whether the method is HEAD, whose response has no body} */
  public boolean isHead() {
    return methodIs("HEAD");
  }

  /**
   * {@return whether sending it twice has the effect of sending it once (RFC 9110 9.2.2) and
   * nothing but the head would have to be sent again}
   */
  public boolean isReplayable() {
    return !hasBody()
        && (methodIs("GET")
            || methodIs("HEAD")
            || methodIs("OPTIONS")
            || methodIs("PUT")
            || methodIs("DELETE"));
  }

  /** {@return fields that mean something only where a setting says so} */
  public ExtraFields extras() {
    return extras;
  }

  /** {@return the method, for text} */
  public String method() {
    int length = methodEnd - methodStart;
    return new String(head.bytes(), methodStart, length, StandardCharsets.US_ASCII);
  }

  private boolean methodIs(String name) {
    return Ascii.equals(head.bytes(), methodStart, methodEnd, name);
  }

  /** Writes the request line for a backend. */
  public void writeLineTo(ByteBuf out) {
    out.writeBytes(head.bytes(), methodStart, methodEnd - methodStart).writeByte(' ');
    target.writeTo(out);
    ascii(out, " HTTP/1.1\r\n");
  }

  /**
   * Writes the fields for a backend, and the empty line that ends them. What ends at this hop is
   * left out, and so is what somebody else says here: the host and the claims about the client.
   */
  public void writeFieldsTo(ByteBuf out) {
    for (int i = 0; i < head.count(); i++) {
      if (passes(i)) {
        head.writeLineTo(out, i);
      }
    }
    switch (framing.kind()) {
      case CHUNKED -> ascii(out, "transfer-encoding: chunked\r\n");
      case LENGTH -> ascii(out, "content-length: " + framing.length() + "\r\n");
      case NONE, UNTIL_CLOSE -> {}
    }
    if (upgradesToWebSocket) {
      ascii(out, "connection: upgrade\r\nupgrade: websocket\r\n");
    }
    ascii(out, "\r\n");
  }

  private static void ascii(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
  }

  /**
   * {@return the value of the first cookie of this name (RFC 6265 4.2.1); null if there is none}
   */
  public @Nullable String cookie(String name) {
    for (int i = 0; i < head.count(); i++) {
      String found = head.nameIs(i, "cookie") ? Cookies.find(head.value(i), name) : null;
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /**
   * Hands on the same fields, for a backend that gets no text, but for the length of the body,
   * which is added if it is known.
   */
  public void sendFieldsTo(FieldSink sink) {
    for (int i = 0; i < head.count(); i++) {
      if (passes(i)) {
        head.sendTo(sink, i);
      }
    }
    if (framing.kind() == BodyFraming.Kind.LENGTH) {
      sink.field(HttpHeaderNames.CONTENT_LENGTH, AsciiString.of(Long.toString(framing.length())));
    }
    if (acceptsTrailers) {
      sink.field(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
    }
  }

  private boolean passes(int field) {
    return switch (head.name(field)) {
      case OTHER, WEBSOCKET_KEY, WEBSOCKET_VERSION, VERSION -> !options.nominates(head, field);
      case REQUEST_ID, MIN_VERSION ->
          extras.pass(head.name(field)) && !options.nominates(head, field);
      case HOST,
          CONTENT_LENGTH,
          TRANSFER_ENCODING,
          CONNECTION,
          UPGRADE,
          EXPECT,
          HOP,
          FORWARDING,
          LOOKALIKE ->
          false;
    };
  }

  private final class RequestRules implements Head.Rules {

    @Override
    public boolean skipsEmptyLine() {
      return true;
    }

    @Override
    public @Nullable Fault startLine(Head line, int start, int end) {
      byte[] bytes = line.bytes();
      methodStart = start;
      methodEnd = start;
      while (methodEnd < end && Ascii.isToken(bytes[methodEnd])) {
        methodEnd++;
      }
      int targetEnd = end - " HTTP/1.1".length();
      if (methodEnd == start || methodEnd + 1 >= targetEnd || bytes[methodEnd] != ' ') {
        return Fault.SYNTAX;
      }
      Fault fault = version(bytes, targetEnd);
      for (int i = methodEnd + 1; fault == null && i < targetEnd; i++) {
        fault = Ascii.isTarget(bytes[i]) ? null : Fault.SYNTAX;
      }
      if (fault == null && (methodIs("CONNECT") || methodIs("TRACE"))) {
        return Fault.METHOD;
      }
      return fault != null ? fault : readTarget(bytes, methodEnd + 1, targetEnd);
    }

    private @Nullable Fault version(byte[] bytes, int at) {
      boolean http =
          bytes[at] == ' '
              && bytes[at + 1] == 'H'
              && bytes[at + 2] == 'T'
              && bytes[at + 3] == 'T'
              && bytes[at + 4] == 'P'
              && bytes[at + 5] == '/'
              && bytes[at + 7] == '.';
      if (!http || !Ascii.isDigit(bytes[at + 6]) || !Ascii.isDigit(bytes[at + 8])) {
        return Fault.SYNTAX;
      }
      if (bytes[at + 6] != '1') {
        return Fault.VERSION;
      }
      // A higher minor version is answered as the highest that we know (RFC 9110 2.5).
      minorVersion = bytes[at + 8] == '0' ? 0 : 1;
      return null;
    }

    private @Nullable Fault readTarget(byte[] bytes, int start, int end) {
      if (bytes[start] == '/') {
        return target.read(bytes, start, end);
      }
      if (end - start == 1 && bytes[start] == '*' && methodIs("OPTIONS")) {
        target.readAsterisk();
        return null;
      }
      int from = authorityStart(bytes, start, end);
      if (from < 0) {
        return Fault.SYNTAX;
      }
      absolute = true;
      int to = from;
      while (to < end && bytes[to] != '/' && bytes[to] != '?') {
        to++;
      }
      return targetAuthority.read(bytes, from, to) ? target.read(bytes, to, end) : Fault.SYNTAX;
    }

    private int authorityStart(byte[] bytes, int start, int end) {
      for (String scheme : new String[] {"http://", "https://"}) {
        int from = start + scheme.length();
        if (from < end && Ascii.equalsIgnoreCase(bytes, start, from, scheme)) {
          return from;
        }
      }
      return -1;
    }

    @Override
    public @Nullable Fault fields(Head fields) {
      Fault fault = readHost();
      if (fault == null) {
        fault = framing.read(fields);
      }
      if (fault != null) {
        return fault;
      }
      if (framing.kind() == BodyFraming.Kind.CHUNKED && !isHttp11()) {
        return Fault.SYNTAX;
      }
      options.read(fields);
      readTe();
      fault = readExpect();
      if (fault == null) {
        fault = extras.read();
      }
      return fault != null ? fault : readUpgrade();
    }

    private @Nullable Fault readHost() {
      int found = 0;
      for (int i = 0; i < head.count(); i++) {
        if (head.name(i) == FieldName.HOST) {
          found++;
          if (!authority.read(head.bytes(), head.valueStart(i), head.valueEnd(i))) {
            return Fault.SYNTAX;
          }
        }
      }
      boolean agrees = !absolute || authority.sameAs(targetAuthority, HTTP_PORT);
      return found == 1 && agrees ? null : Fault.SYNTAX;
    }

    private @Nullable Fault readExpect() {
      expectsContinue = false;
      for (int i = 0; i < head.count(); i++) {
        if (head.name(i) == FieldName.EXPECT) {
          if (!head.valueIs(i, "100-continue")) {
            return Fault.EXPECTATION;
          }
          expectsContinue = isHttp11() && hasBody();
        }
      }
      return null;
    }

    /** The one thing that {@code TE} may say in HTTP/2, and without which gRPC does not begin. */
    private void readTe() {
      acceptsTrailers = false;
      for (int i = 0; i < head.count(); i++) {
        acceptsTrailers |= head.nameIs(i, "te") && head.valueIs(i, "trailers");
      }
    }

    /** Any upgrade other than to WebSocket is ignored, as RFC 9110 7.8 allows. */
    private @Nullable Fault readUpgrade() {
      upgradesToWebSocket = false;
      int asked = 0;
      int keys = 0;
      int versions = 0;
      for (int i = 0; i < head.count(); i++) {
        FieldName name = head.name(i);
        if (name == FieldName.UPGRADE) {
          asked += head.valueIs(i, "websocket") ? 1 : 0;
        } else if (name == FieldName.WEBSOCKET_KEY) {
          keys += isKey(i) ? 1 : 2;
        } else if (name == FieldName.WEBSOCKET_VERSION) {
          versions += head.valueIs(i, "13") ? 1 : 2;
        }
      }
      if (asked == 0 || !options.upgrade() || !isHttp11()) {
        return null;
      }
      upgradesToWebSocket = asked == 1 && keys == 1 && versions == 1;
      boolean correct = upgradesToWebSocket && methodIs("GET") && !hasBody();
      return correct ? null : Fault.SYNTAX;
    }

    /** 16 bytes in base64: 22 digits and two signs that fill up. */
    private boolean isKey(int field) {
      int start = head.valueStart(field);
      int end = head.valueEnd(field);
      byte[] bytes = head.bytes();
      boolean correct =
          end - start == WEBSOCKET_KEY_LENGTH && bytes[end - 1] == '=' && bytes[end - 2] == '=';
      for (int i = start; correct && i < end - 2; i++) {
        int c = bytes[i];
        correct = c == '+' || c == '/' || (Ascii.isUnreserved(c) && "-._~".indexOf(c) < 0);
      }
      return correct;
    }
  }
}
