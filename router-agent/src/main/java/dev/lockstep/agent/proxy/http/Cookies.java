package dev.lockstep.agent.proxy.http;

import org.jspecify.annotations.Nullable;

/** Reads the field in which a client sends its cookies back (RFC 6265 4.2.1). Pure functions. */
final class Cookies {
  private Cookies() {}

  /** {@return the value of the first cookie of this name; null if there is none} */
  static @Nullable String find(String field, String name) {
    int at = 0;
    while (at < field.length()) {
      int end = field.indexOf(';', at);
      int stop = end < 0 ? field.length() : end;
      while (at < stop && field.charAt(at) == ' ') {
        at++;
      }
      int value = at + name.length() + 1;
      if (value <= stop && field.startsWith(name, at) && field.charAt(value - 1) == '=') {
        return field.substring(value, stop).stripTrailing();
      }
      at = stop + 1;
    }
    return null;
  }
}
