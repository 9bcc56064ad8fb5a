package dev.lockstep.core.config;

import java.util.Arrays;
import java.util.Optional;

/**
 * A block of IP addresses. Parsing is strict: exactly the forms of RFC 4632 and RFC 4291, no host
 * names, no leading zeros, no bits set beyond the prefix ignored silently.
 *
 * @param text canonical form, {@code 10.0.0.0/8} or {@code 2001:db8:0:0:0:0:0:0/32}
 */
public record Cidr(String text) {

  public Cidr {
    if (bytesOf(text).isEmpty()) {
      throw new IllegalArgumentException("cidr: " + text + " (expected: address/prefix)");
    }
  }

  /** {@return the block that the text means: an address alone is a block of one; empty if wrong} */
  public static Optional<Cidr> parse(String text) {
    String trimmed = text.strip();
    int slash = trimmed.indexOf('/');
    String address = slash < 0 ? trimmed : trimmed.substring(0, slash);
    Optional<byte[]> bytes = IpAddress.parse(address);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    int bits = bytes.get().length * 8;
    int prefix = slash < 0 ? bits : IpAddress.decimal(trimmed.substring(slash + 1), bits);
    if (prefix < 0) {
      return Optional.empty();
    }
    return Optional.of(new Cidr(IpAddress.format(mask(bytes.get(), prefix)) + "/" + prefix));
  }

  /**
   * {@return whether the address, 4 or 16 bytes, lies in this block; a mapped IPv4 counts as IPv4}
   */
  public boolean contains(byte[] address) {
    byte[] own = bytesOf(text).orElseThrow();
    byte[] plain = IpAddress.unmapped(address);
    int prefix = Integer.parseInt(text.substring(text.indexOf('/') + 1));
    return own.length == plain.length && Arrays.equals(own, mask(plain, prefix));
  }

  private static Optional<byte[]> bytesOf(String text) {
    int slash = text.indexOf('/');
    return slash < 0 ? Optional.empty() : IpAddress.parse(text.substring(0, slash));
  }

  private static byte[] mask(byte[] address, int prefix) {
    byte[] masked = address.clone();
    for (int i = 0; i < masked.length; i++) {
      int keep = Math.clamp(prefix - i * 8L, 0, 8);
      masked[i] &= (byte) (0xff << (8 - keep));
    }
    return masked;
  }

  @Override
  public String toString() {
    return text;
  }
}
