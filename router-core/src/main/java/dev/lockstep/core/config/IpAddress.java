package dev.lockstep.core.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Text and bytes of IP addresses, parsed by hand: no look-ups, no back-tracking, linear time. */
public final class IpAddress {
  private static final int MAX_TEXT = 45;

  private IpAddress() {}

  /** {@return 4 or 16 bytes; empty when the text is not exactly an address} */
  public static Optional<byte[]> parse(String text) {
    if (text.isEmpty() || text.length() > MAX_TEXT) {
      return Optional.empty();
    }
    return text.indexOf(':') < 0 ? parseV4(text) : parseV6(text);
  }

  /** {@return text that {@link #parse} reads back} */
  public static String format(byte[] address) {
    StringBuilder text = new StringBuilder();
    if (address.length == 4) {
      for (byte b : address) {
        text.append(text.isEmpty() ? "" : ".").append(b & 255);
      }
      return text.toString();
    }
    for (int i = 0; i < 16; i += 2) {
      int group = ((address[i] & 255) << 8) | (address[i + 1] & 255);
      text.append(i == 0 ? "" : ":").append(Integer.toHexString(group));
    }
    return text.toString();
  }

  /** {@return the IPv4 form of an IPv4-mapped IPv6 address (RFC 4291 2.5.5.2), else the same} */
  public static byte[] unmapped(byte[] address) {
    if (address.length != 16) {
      return address;
    }
    for (int i = 0; i < 10; i++) {
      if (address[i] != 0) {
        return address;
      }
    }
    boolean mapped = address[10] == (byte) 255 && address[11] == (byte) 255;
    return mapped ? Arrays.copyOfRange(address, 12, 16) : address;
  }

  /**
   * {@return the number, or -1 unless it is plain digits, without leading zeros, up to the bound}
   */
  static int decimal(String text, int max) {
    if (text.isEmpty() || text.length() > 3 || (text.length() > 1 && text.charAt(0) == '0')) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value <= max ? value : -1;
  }

  private static Optional<byte[]> parseV4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return Optional.empty();
    }
    byte[] address = new byte[4];
    for (int i = 0; i < 4; i++) {
      int value = decimal(parts[i], 255);
      if (value < 0) {
        return Optional.empty();
      }
      address[i] = (byte) value;
    }
    return Optional.of(address);
  }

  private static Optional<byte[]> parseV6(String text) {
    int gap = text.indexOf("::");
    if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
      return Optional.empty();
    }
    if (gap >= 0 && text.substring(0, gap).indexOf('.') >= 0) {
      // An IPv4 part stands at the very end only (RFC 4291 2.2).
      return Optional.empty();
    }
    Optional<List<Integer>> head = groups(gap < 0 ? text : text.substring(0, gap));
    Optional<List<Integer>> tail = groups(gap < 0 ? "" : text.substring(gap + 2));
    if (head.isEmpty() || tail.isEmpty()) {
      return Optional.empty();
    }
    int given = head.get().size() + tail.get().size();
    if (gap < 0 ? given != 8 : given > 7) {
      return Optional.empty();
    }
    byte[] address = new byte[16];
    put(address, 0, head.get());
    put(address, 8 - tail.get().size(), tail.get());
    return Optional.of(address);
  }

  private static void put(byte[] address, int from, List<Integer> groups) {
    for (int i = 0; i < groups.size(); i++) {
      address[2 * (from + i)] = (byte) (groups.get(i) >> 8);
      address[2 * (from + i) + 1] = (byte) (int) groups.get(i);
    }
  }

  private static Optional<List<Integer>> groups(String text) {
    List<Integer> groups = new ArrayList<>();
    if (text.isEmpty()) {
      return Optional.of(groups);
    }
    String[] parts = text.split(":", -1);
    for (int i = 0; i < parts.length; i++) {
      if (i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
        Optional<byte[]> v4 = parseV4(parts[i]);
        if (v4.isEmpty()) {
          return Optional.empty();
        }
        byte[] b = v4.get();
        groups.add(((b[0] & 255) << 8) | (b[1] & 255));
        groups.add(((b[2] & 255) << 8) | (b[3] & 255));
      } else {
        int group = hexadecimal(parts[i]);
        if (group < 0) {
          return Optional.empty();
        }
        groups.add(group);
      }
    }
    return Optional.of(groups);
  }

  private static int hexadecimal(String text) {
    if (text.isEmpty() || text.length() > 4) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = Character.digit(text.charAt(i), 16);
      if (digit < 0) {
        return -1;
      }
      value = value * 16 + digit;
    }
    return value;
  }
}
