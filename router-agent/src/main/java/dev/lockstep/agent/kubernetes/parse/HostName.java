package dev.lockstep.agent.kubernetes.parse;

import java.util.Locale;
import java.util.Optional;

/** Reads host names as tenants write them: DNS names (RFC 1123), or one label of wildcard. */
public final class HostName {
  private static final int LONGEST = 253;
  private static final int LONGEST_LABEL = 63;
  private static final String WILDCARD = "*.";

  private HostName() {}

  /** {@return the host in lower case; empty if the text is none} */
  public static Optional<String> parse(String text) {
    if (text.isEmpty() || text.length() > LONGEST) {
      return Optional.empty();
    }
    String lower = text.toLowerCase(Locale.ROOT);
    boolean wildcard = lower.startsWith(WILDCARD);
    return isName(wildcard ? lower.substring(WILDCARD.length()) : lower)
        ? Optional.of(lower)
        : Optional.empty();
  }

  /** {@return whether the text is one label, without any dot} */
  static boolean isBare(String text) {
    return isLabel(text.toLowerCase(Locale.ROOT));
  }

  private static boolean isName(String name) {
    int start = 0;
    while (true) {
      int dot = name.indexOf('.', start);
      if (dot < 0) {
        return isLabel(name.substring(start));
      }
      if (!isLabel(name.substring(start, dot))) {
        return false;
      }
      start = dot + 1;
    }
  }

  private static boolean isLabel(String label) {
    if (label.isEmpty() || label.length() > LONGEST_LABEL) {
      return false;
    }
    for (int i = 0; i < label.length(); i++) {
      char c = label.charAt(i);
      boolean inner = i > 0 && i < label.length() - 1;
      if (!isAlphanumeric(c) && !(c == '-' && inner)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isAlphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }
}
