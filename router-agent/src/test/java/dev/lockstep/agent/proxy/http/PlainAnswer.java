package dev.lockstep.agent.proxy.http;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an answer of a backend is, by RFC 9110 and 9112: the slow and obvious way. */
final class PlainAnswer {
  private static final Pattern LINE =
      Pattern.compile(
          "HTTP/1\\.(\\d) ([1-5]\\d\\d)( [\\t\\x20-\\x7e\\x80-\\xff]*)?", Pattern.DOTALL);
  private static final HeadLimits LIMITS = new HeadLimits(8192, 65_536, 200);

  private PlainAnswer() {}

  /** {@return all that is known about it, as text to compare} */
  static String describe(String text, boolean toHead) {
    PlainHead head =
        PlainHead.read(
            text,
            0,
            LIMITS,
            l -> LINE.matcher(l).matches() ? Optional.empty() : Optional.of("400"));
    return switch (head.end()) {
      case MORE -> "MORE";
      case SYNTAX, LINE_TOO_LONG, TOO_LARGE -> "FAULT";
      case DONE -> whole(head, toHead);
    };
  }

  private static String whole(PlainHead head, boolean toHead) {
    Matcher line = LINE.matcher(head.first());
    if (!line.matches()) {
      throw new IllegalStateException("line: " + head.first());
    }
    PlainFields fields = head.fields();
    int status = Integer.parseInt(line.group(2));
    boolean http11 = !line.group(1).equals("0");
    String framing = fields.framing();
    boolean announced = !framing.equals("NONE") && !framing.equals("LENGTH 0");
    boolean unclear = framing.equals("400") || framing.equals("501");
    if (unclear || (framing.equals("CHUNKED") && !http11) || (announced && status < 200)) {
      return "FAULT";
    }
    boolean bare = status < 200 || status == 204 || status == 304 || toHead;
    boolean upgrades =
        status == 101
            && fields.options().contains("upgrade")
            && fields.values("upgrade").stream().anyMatch(v -> v.equalsIgnoreCase("websocket"));
    boolean stays = http11 && !fields.options().contains("close") && !(status == 204 && announced);
    String end = bare ? "NONE" : framing.equals("NONE") ? "UNTIL_CLOSE" : framing.split(" ")[0];
    return Description.of(head.length(), Integer.toString(status), end)
        + Description.flags(stays, upgrades, status < 200 && status != 101)
        + "\n"
        + forwarded(head, line, status);
  }

  private static String forwarded(PlainHead head, Matcher line, int status) {
    StringBuilder out = new StringBuilder("HTTP/1.1 ").append(status);
    out.append(line.group(3) == null ? " " : line.group(3)).append("\r\n");
    for (PlainFields.Field field : head.fields().all()) {
      boolean passes =
          switch (field.name()) {
            case "content-length" -> status >= 200 && status != 204;
            case "host", "transfer-encoding", "connection", "upgrade" -> false;
            default -> !field.isHop() && !field.isLookalike() && !head.fields().nominates(field);
          };
      out.append(passes ? field.text() + "\r\n" : "");
    }
    return out.toString();
  }
}
