package dev.lockstep.agent.proxy.http;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Path and query in their one form, by the letter of RFC 3986: the slow and obvious way.
 *
 * @param path starts with a slash, or is {@code *}
 * @param query with its question mark, or empty
 */
record PlainTarget(String path, String query) {
  private static final Pattern BROKEN_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");
  private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})");
  private static final Pattern FORBIDDEN = Pattern.compile("(?i)%(?:00|2f|5c)");
  private static final Pattern DOTS_WITH_PARAMETER = Pattern.compile("/\\.\\.?;");

  static Optional<PlainTarget> read(String text) {
    int mark = text.indexOf('?');
    String path = mark < 0 ? text : text.substring(0, mark);
    String query = mark < 0 ? "" : text.substring(mark);
    if (BROKEN_ESCAPE.matcher(path).find() || FORBIDDEN.matcher(path).find()) {
      return Optional.empty();
    }
    String decoded = ESCAPE.matcher(path).replaceAll(PlainTarget::decode);
    if (DOTS_WITH_PARAMETER.matcher(decoded).find()) {
      return Optional.empty();
    }
    return Optional.of(
        new PlainTarget(decoded.isEmpty() ? "/" : withoutDotSegments(decoded), query));
  }

  private static String decode(MatchResult escape) {
    String c = Character.toString((char) Integer.parseInt(escape.group(1), 16));
    String form = c.matches("[A-Za-z0-9._~-]") ? c : escape.group().toUpperCase(Locale.ROOT);
    return Matcher.quoteReplacement(form);
  }

  /** The steps of RFC 3986 5.2.4, as they stand there. */
  private static String withoutDotSegments(String path) {
    String in = path;
    StringBuilder out = new StringBuilder();
    while (!in.isEmpty()) {
      if (in.startsWith("/./") || in.equals("/.")) {
        in = "/" + in.substring(Math.min(3, in.length()));
      } else if (in.startsWith("/../") || in.equals("/..")) {
        in = "/" + in.substring(Math.min(4, in.length()));
        out.setLength(Math.max(0, out.lastIndexOf("/")));
      } else {
        int end = in.indexOf('/', 1);
        out.append(end < 0 ? in : in.substring(0, end));
        in = end < 0 ? "" : in.substring(end);
      }
    }
    return out.toString();
  }
}
