package dev.lockstep.agent.proxy.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A chunked body as RFC 9112 7.1 has it: the slow and obvious way. */
final class PlainBody {
  private static final String QUOTED =
      "\"(?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*\"";
  private static final String EXTENSION =
      "[ \\t]*;[ \\t]*T(?:[ \\t]*=[ \\t]*(?:T|Q))?"
          .replace("T", PlainFields.TOKEN)
          .replace("Q", QUOTED);
  private static final Pattern SIZE_LINE =
      Pattern.compile("([0-9a-fA-F]{1,15})(?:" + EXTENSION + ")*\r", Pattern.DOTALL);
  private static final int LONGEST_LINE = 255;
  private static final HeadLimits TRAILERS = new HeadLimits(64, 8192, 32);

  private PlainBody() {}

  /** {@return what comes of this text after the head with these fields} */
  static String describe(String text, PlainFields head) {
    StringBuilder data = new StringBuilder();
    int at = 0;
    while (true) {
      int lf = text.indexOf('\n', at);
      if ((lf < 0 ? text.length() : lf) - at > LONGEST_LINE) {
        return Description.body("FAULT", data.toString(), "");
      }
      if (lf < 0) {
        return Description.body("MORE", data.toString(), "");
      }
      Matcher line = SIZE_LINE.matcher(text.substring(at, lf));
      if (!line.matches()) {
        return Description.body("FAULT", data.toString(), "");
      }
      long size = Long.parseLong(line.group(1), 16);
      at = lf + 1;
      if (size == 0) {
        return trailers(text.substring(at), data.toString(), head);
      }
      data.append(text, at, (int) Math.min(text.length(), at + size));
      if (at + size > text.length()) {
        return Description.body("MORE", data.toString(), "");
      }
      String rest = text.substring((int) (at + size));
      if (!rest.startsWith("\r\n")) {
        boolean more = rest.isEmpty() || rest.equals("\r");
        return Description.body(more ? "MORE" : "FAULT", data.toString(), "");
      }
      at = (int) (at + size + 2);
    }
  }

  private static String trailers(String text, String data, PlainFields head) {
    PlainHead read = PlainHead.fields(text, 0, TRAILERS, "");
    return switch (read.end()) {
      case MORE -> Description.body("MORE", data, "");
      case DONE -> {
        StringBuilder end = new StringBuilder("0\r\n");
        for (PlainFields.Field field : read.fields().all()) {
          boolean ours = field.isRead() || field.isHop() || field.isClaim();
          if (!ours && !field.isLookalike() && !head.nominates(field)) {
            end.append(field.text()).append("\r\n");
          }
        }
        yield Description.body("END", data, end + "\r\nleft=" + (text.length() - read.length()));
      }
      case SYNTAX, LINE_TOO_LONG, TOO_LARGE -> Description.body("FAULT", data, "");
    };
  }
}
