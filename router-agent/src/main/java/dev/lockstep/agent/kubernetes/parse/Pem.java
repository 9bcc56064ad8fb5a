package dev.lockstep.agent.kubernetes.parse;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Reads and writes PEM (RFC 7468): labelled blocks of base64, whatever stands between them. */
final class Pem {
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  /** One block. */
  record Block(String label, byte[] der) {}

  private Pem() {}

  /**
   * {@return the blocks in their order}
   *
   * @throws IllegalArgumentException if a block does not end, or is no base64
   */
  static List<Block> parse(String text) {
    List<Block> blocks = new ArrayList<>();
    int from = text.indexOf(BEGIN);
    while (from >= 0) {
      int labelEnd = text.indexOf(DASHES, from + BEGIN.length());
      int end = labelEnd < 0 ? -1 : text.indexOf(END, labelEnd);
      if (end < 0) {
        throw new IllegalArgumentException("a PEM block does not end");
      }
      String label = text.substring(from + BEGIN.length(), labelEnd);
      String body = text.substring(labelEnd + DASHES.length(), end);
      blocks.add(new Block(label, Base64.getMimeDecoder().decode(body)));
      from = text.indexOf(BEGIN, end);
    }
    return blocks;
  }

  /** {@return the one text of this block: lines of 64 characters} */
  static String text(String label, byte[] der) {
    Base64.Encoder lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
    return BEGIN
        + label
        + DASHES
        + "\n"
        + lines.encodeToString(der)
        + "\n"
        + END
        + label
        + DASHES
        + "\n";
  }
}
