package dev.lockstep.agent.proxy.tls;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Reads PEM text (RFC 7468) by hand: linear, no regular expressions.
 *
 * @param label what the block says it is, example {@code CERTIFICATE}
 * @param der the content
 */
record Pem(String label, byte[] der) {
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  /**
   * {@return the blocks in the text, in order; text between blocks is skipped}
   *
   * @throws IllegalArgumentException if a block is broken; the message holds nothing of the block
   */
  static List<Pem> parse(String text) {
    List<Pem> blocks = new ArrayList<>();
    int at = text.indexOf(BEGIN);
    while (at >= 0) {
      int labelEnd = text.indexOf(DASHES, at + BEGIN.length());
      int end = labelEnd < 0 ? -1 : text.indexOf(END, labelEnd);
      if (end < 0) {
        throw new IllegalArgumentException("PEM: a block does not end");
      }
      String label = text.substring(at + BEGIN.length(), labelEnd);
      blocks.add(new Pem(label, decode(text.substring(labelEnd + DASHES.length(), end))));
      at = text.indexOf(BEGIN, end);
    }
    return blocks;
  }

  private static byte[] decode(String base64) {
    StringBuilder plain = new StringBuilder(base64.length());
    for (int i = 0; i < base64.length(); i++) {
      if (!Character.isWhitespace(base64.charAt(i))) {
        plain.append(base64.charAt(i));
      }
    }
    try {
      return Base64.getDecoder().decode(plain.toString());
    } catch (IllegalArgumentException e) {
      // The decoder's message quotes the text, which may be a key.
      throw new IllegalArgumentException("PEM: a block is not base64");
    }
  }

  /** Says nothing of the content, which may be a key. */
  @Override
  public String toString() {
    return "Pem[" + label + "]";
  }
}
