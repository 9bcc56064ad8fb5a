package dev.lockstep.agent.proxy.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Host and port as RFC 3986 3.2 has them, read with patterns: the slow and obvious way.
 *
 * @param host small letters, no dot at the end; an IPv6 address in eight groups and brackets
 * @param port 0 if none was named
 */
record PlainAuthority(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("(\\[[^]]*]|[A-Za-z0-9._-]*)(?::(\\d{1,5}))?", Pattern.DOTALL);
  private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern ENDS_IN_V4 =
      Pattern.compile("(.*:)" + OCTET + "\\." + OCTET + "\\." + OCTET + "\\." + OCTET);
  private static final int MAX_V6 = 45;

  static Optional<PlainAuthority> read(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    int port = form.group(2) == null ? 0 : Integer.parseInt(form.group(2));
    boolean badPort = form.group(2) != null && (port < 1 || port > 65535);
    String host = form.group(1);
    Optional<String> read = host.startsWith("[") ? literal(host) : name(host);
    return badPort ? Optional.empty() : read.map(h -> new PlainAuthority(h, port));
  }

  private static Optional<String> name(String text) {
    String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    boolean labels = List.of(name.split("\\.", -1)).stream().noneMatch(String::isEmpty);
    return labels && name.length() <= 253
        ? Optional.of(name.toLowerCase(Locale.ROOT))
        : Optional.empty();
  }

  private static Optional<String> literal(String text) {
    String inner = text.substring(1, text.length() - 1);
    if (inner.length() > MAX_V6) {
      return Optional.empty();
    }
    Matcher v4 = ENDS_IN_V4.matcher(inner);
    if (v4.matches()) {
      int high = Integer.parseInt(v4.group(2)) * 256 + Integer.parseInt(v4.group(3));
      int low = Integer.parseInt(v4.group(4)) * 256 + Integer.parseInt(v4.group(5));
      inner = v4.group(1) + Integer.toHexString(high) + ":" + Integer.toHexString(low);
    }
    String[] halves = inner.split("::", -1);
    if (halves.length > 2 || inner.contains(":::")) {
      return Optional.empty();
    }
    List<String> groups = groups(halves[0]);
    if (halves.length == 2) {
      List<String> tail = groups(halves[1]);
      if (groups.size() + tail.size() > 7) {
        return Optional.empty();
      }
      while (groups.size() + tail.size() < 8) {
        groups.add("0");
      }
      groups.addAll(tail);
    }
    boolean correct =
        groups.size() == 8 && groups.stream().allMatch(g -> g.matches("[0-9a-fA-F]{1,4}"));
    return correct
        ? Optional.of(
            "["
                + String.join(
                    ":",
                    groups.stream().map(g -> Integer.toHexString(Integer.parseInt(g, 16))).toList())
                + "]")
        : Optional.empty();
  }

  private static List<String> groups(String text) {
    return text.isEmpty() ? new ArrayList<>() : new ArrayList<>(List.of(text.split(":", -1)));
  }

  int portOr(int standard) {
    return port == 0 ? standard : port;
  }

  String text() {
    return port == 0 ? host : host + ":" + port;
  }
}
