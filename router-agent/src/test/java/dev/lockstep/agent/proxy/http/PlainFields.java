package dev.lockstep.agent.proxy.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Field lines as RFC 9110 5 and RFC 9112 5 have them: the slow and obvious way. */
final class PlainFields {
  static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

  private static final Pattern LINE =
      Pattern.compile("(" + TOKEN + "):[ \t]*([\t\\x20-\\x7e\\x80-\\xff]*)", Pattern.DOTALL);
  private static final Set<String> HOP =
      Set.of(
          "keep-alive",
          "proxy-connection",
          "te",
          "proxy",
          "proxy-authorization",
          "proxy-authenticate",
          "proxy-authentication-info",
          "http2-settings");
  private static final Set<String> READ =
      Set.of(
          "host",
          "content-length",
          "transfer-encoding",
          "connection",
          "upgrade",
          "expect",
          "sec-websocket-key",
          "sec-websocket-version");

  /**
   * One line.
   *
   * @param name in small letters
   * @param value without blanks around
   * @param text as it came, without its end
   */
  record Field(String name, String value, String text) {

    /** {@return whether it is this one, and not just alike} */
    boolean is(String other) {
      return name.equals(other);
    }

    boolean isClaim() {
      String form = name.replace('_', '-');
      boolean prefix = form.startsWith("x-forwarded-") && form.length() > "x-forwarded-".length();
      return prefix || form.equals("x-real-ip") || form.equals("forwarded");
    }

    boolean isHop() {
      return HOP.contains(name);
    }

    boolean isLookalike() {
      String form = name.replace('_', '-');
      return !form.equals(name) && (HOP.contains(form) || READ.contains(form) || isClaim());
    }

    boolean isRead() {
      return READ.contains(name);
    }
  }

  private final List<Field> all = new ArrayList<>();

  /** Adds a line without its end; false if it is none. */
  boolean add(String line) {
    Matcher match = LINE.matcher(line);
    if (match.matches()) {
      String value = match.group(2).replaceAll("[ \t]+$", "");
      all.add(new Field(match.group(1).toLowerCase(Locale.ROOT), value, line));
    }
    return match.matches();
  }

  List<Field> all() {
    return all;
  }

  List<String> values(String name) {
    return all.stream().filter(field -> field.is(name)).map(Field::value).toList();
  }

  /** {@return the options of all Connection fields, in small letters} */
  List<String> options() {
    List<String> options = new ArrayList<>();
    for (String value : values("connection")) {
      for (String option : value.split(",")) {
        options.add(option.replaceAll("^[ \t]+|[ \t]+$", "").toLowerCase(Locale.ROOT));
      }
    }
    return options;
  }

  /** {@return whether the Connection fields name this one to end here; close and such do not} */
  boolean nominates(Field field) {
    return !Set.of("close", "keep-alive", "upgrade").contains(field.name())
        && options().contains(field.name());
  }

  /** {@return {@code NONE}, {@code LENGTH n}, {@code CHUNKED}; or the status to refuse with} */
  String framing() {
    String found = "NONE";
    for (Field field : all) {
      if (field.is("content-length") || field.is("transfer-encoding")) {
        String one = field.is("content-length") ? length(field.value()) : coding(field.value());
        found = found.equals("NONE") ? one : "400";
        if (found.equals("400") || found.equals("501")) {
          return found;
        }
      }
    }
    return found;
  }

  private static String length(String value) {
    return value.matches("\\d{1,18}") ? "LENGTH " + Long.parseLong(value) : "400";
  }

  private static String coding(String value) {
    String lower = value.toLowerCase(Locale.ROOT);
    Optional<String> before =
        Optional.of(Pattern.compile("(.+),[ \t]*chunked", Pattern.DOTALL).matcher(lower))
            .filter(Matcher::matches)
            .map(m -> m.group(1));
    if (before.isPresent()) {
      return before.get().contains("chunked") ? "400" : "501";
    }
    return lower.equals("chunked") ? "CHUNKED" : "400";
  }
}
