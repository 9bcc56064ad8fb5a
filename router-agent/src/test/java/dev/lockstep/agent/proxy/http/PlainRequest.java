package dev.lockstep.agent.proxy.http;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a request is, by RFC 9110 and 9112 and the rules of this proxy: the slow and obvious way.
 */
final class PlainRequest {
  private static final Pattern LINE =
      Pattern.compile("(" + PlainFields.TOKEN + ") (.+) HTTP/(\\d)\\.(\\d)", Pattern.DOTALL);
  private static final Pattern TARGET = Pattern.compile("[\\x21-\\x7e&&[^#\\\\]]+");
  private static final Pattern ABSOLUTE =
      Pattern.compile("(?i:https?)://(?!$)([^/?]*)(.*)", Pattern.DOTALL);
  private static final String KEY = "[A-Za-z0-9+/]{22}==";

  private final PlainHead head;
  private String method = "";
  private boolean http11;
  private Optional<PlainAuthority> asked = Optional.empty();
  private PlainTarget target = new PlainTarget("/", "");
  private PlainAuthority authority = new PlainAuthority("", 0);
  private String framing = "NONE";
  private boolean upgrades;
  private String refusal = "";

  private PlainRequest(String text, HeadLimits limits) {
    int from = text.startsWith("\r\n") ? 2 : 0;
    head =
        PlainHead.read(
            text, from, limits, line -> Optional.of(refusalOf(line)).filter(s -> !s.isEmpty()));
    refusal =
        switch (head.end()) {
          case MORE -> "MORE";
          case LINE_TOO_LONG -> "414";
          case TOO_LARGE -> "431";
          case SYNTAX -> refusal.isEmpty() ? "400" : refusal;
          case DONE -> refusalOfFields();
        };
  }

  static PlainRequest read(String text, HeadLimits limits) {
    return new PlainRequest(text, limits);
  }

  /** {@return what a line is refused with, empty if it is fine} */
  private String refusalOf(String line) {
    refusal = first(line);
    return refusal;
  }

  private String first(String line) {
    Matcher match = LINE.matcher(line);
    if (!match.matches()) {
      return "400";
    }
    if (!match.group(3).equals("1")) {
      return "505";
    }
    method = match.group(1);
    http11 = !match.group(4).equals("0");
    String text = match.group(2);
    if (!TARGET.matcher(text).matches()) {
      return "400";
    }
    if (method.equals("CONNECT") || method.equals("TRACE")) {
      return "405";
    }
    if (text.equals("*") && method.equals("OPTIONS")) {
      target = new PlainTarget("*", "");
      return "";
    }
    Matcher absolute = ABSOLUTE.matcher(text);
    boolean origin = text.startsWith("/");
    if (!origin && !absolute.matches()) {
      return "400";
    }
    asked = origin ? Optional.empty() : PlainAuthority.read(absolute.group(1));
    Optional<PlainTarget> read = PlainTarget.read(origin ? text : absolute.group(2));
    target = read.orElse(target);
    return read.isEmpty() || (!origin && asked.isEmpty()) ? "400" : "";
  }

  private String refusalOfFields() {
    List<String> hosts = head.fields().values("host");
    Optional<PlainAuthority> host =
        hosts.size() == 1 ? PlainAuthority.read(hosts.getFirst()) : Optional.empty();
    if (host.isEmpty()) {
      return "400";
    }
    authority = host.get();
    boolean agrees =
        asked.isEmpty()
            || (asked.get().host().equals(authority.host())
                && asked.get().portOr(80) == authority.portOr(80));
    framing = head.fields().framing();
    if (!agrees || framing.equals("400")) {
      return "400";
    }
    if (framing.equals("501")) {
      return "501";
    }
    if (framing.equals("CHUNKED") && !http11) {
      return "400";
    }
    boolean expectsMore =
        head.fields().values("expect").stream().anyMatch(v -> !v.equalsIgnoreCase("100-continue"));
    return expectsMore ? "417" : refusalOfUpgrade();
  }

  private String refusalOfUpgrade() {
    PlainFields fields = head.fields();
    long asks =
        fields.values("upgrade").stream().filter(v -> v.equalsIgnoreCase("websocket")).count();
    if (asks == 0 || !fields.options().contains("upgrade") || !http11) {
      return "";
    }
    List<String> keys = fields.values("sec-websocket-key");
    upgrades =
        asks == 1
            && keys.size() == 1
            && keys.getFirst().matches(KEY)
            && fields.values("sec-websocket-version").equals(List.of("13"))
            && method.equals("GET")
            && !hasBody();
    return upgrades ? "" : "400";
  }

  private boolean hasBody() {
    return !framing.equals("NONE") && !framing.equals("LENGTH 0");
  }

  boolean isRead() {
    return refusal.isEmpty();
  }

  boolean isChunked() {
    return framing.equals("CHUNKED");
  }

  int length() {
    return head.length();
  }

  PlainFields fields() {
    return head.fields();
  }

  String host() {
    return authority.host();
  }

  String path() {
    return target.path();
  }

  /** {@return all that is known about it, as text to compare} */
  String describe() {
    if (!isRead()) {
      return refusal;
    }
    List<String> options = head.fields().options();
    boolean closes = options.contains("close");
    boolean stays = http11 ? !closes : options.contains("keep-alive") && !closes;
    boolean waits = http11 && hasBody() && !head.fields().values("expect").isEmpty();
    boolean idempotent = List.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE").contains(method);
    return Description.of(head.length(), authority.text(), target.path())
        + Description.flags(stays, upgrades, waits)
        + (http11 ? " http11" : "")
        + (idempotent && !hasBody() ? " replayable" : "")
        + "\n"
        + forwarded();
  }

  private String forwarded() {
    StringBuilder out = new StringBuilder(method + " " + target.path() + target.query());
    out.append(" HTTP/1.1\r\n");
    for (PlainFields.Field field : head.fields().all()) {
      boolean handshake = field.name().startsWith("sec-websocket-");
      boolean ours = (field.isRead() && !handshake) || field.isHop() || field.isClaim();
      if (!ours && !field.isLookalike() && !head.fields().nominates(field)) {
        out.append(field.text()).append("\r\n");
      }
    }
    if (isChunked()) {
      out.append("transfer-encoding: chunked\r\n");
    } else if (!framing.equals("NONE")) {
      out.append(framing.toLowerCase(Locale.ROOT).replace("length ", "content-length: "));
      out.append("\r\n");
    }
    out.append(upgrades ? "connection: upgrade\r\nupgrade: websocket\r\n" : "");
    return out.append("\r\n").toString();
  }
}
