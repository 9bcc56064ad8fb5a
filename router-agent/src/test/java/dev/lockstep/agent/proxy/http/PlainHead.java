package dev.lockstep.agent.proxy.http;

import java.util.Optional;

/**
 * The lines of a head, taken from a text that may go on: the slow and obvious way.
 *
 * @param end whether the head is whole, or why it is refused
 * @param first line, without its end
 * @param fields after it
 * @param length of the head in bytes
 */
record PlainHead(End end, String first, PlainFields fields, int length) {

  /** What there is. */
  enum End {
    MORE,
    DONE,
    SYNTAX,
    LINE_TOO_LONG,
    TOO_LARGE
  }

  /** Checks a first line, and tells the status to refuse it with, if any. */
  interface FirstLine {

    /** {@return the status, or empty if it is fine} */
    Optional<String> check(String line);
  }

  /**
   * Reads a head with a first line; as a kind of first line may be refused before the fields have
   * come, the caller says what it thinks of it.
   */
  static PlainHead read(String text, int from, HeadLimits limits, FirstLine check) {
    PlainFields none = new PlainFields();
    int seen = seen(text, from);
    if (seen - from > limits.startLineBytes() + 2) {
      return new PlainHead(End.LINE_TOO_LONG, "", none, 0);
    }
    if (seen > limits.totalBytes()) {
      return new PlainHead(End.TOO_LARGE, "", none, 0);
    }
    int end = text.indexOf('\n', from);
    if (end < 0) {
      return new PlainHead(End.MORE, "", none, 0);
    }
    String line = text.substring(from, end);
    if (!line.endsWith("\r")) {
      return new PlainHead(End.SYNTAX, "", none, 0);
    }
    String first = line.substring(0, line.length() - 1);
    if (check.check(first).isPresent()) {
      return new PlainHead(End.SYNTAX, first, none, 0);
    }
    return fields(text, end + 1, limits, first);
  }

  /** Reads lines up to the empty one. */
  static PlainHead fields(String text, int start, HeadLimits limits, String first) {
    PlainFields fields = new PlainFields();
    int from = start;
    while (true) {
      if (seen(text, from) > limits.totalBytes()) {
        return new PlainHead(End.TOO_LARGE, first, fields, 0);
      }
      int end = text.indexOf('\n', from);
      if (end < 0) {
        return new PlainHead(End.MORE, first, fields, 0);
      }
      String line = text.substring(from, end);
      if (line.equals("\r")) {
        return new PlainHead(End.DONE, first, fields, end + 1);
      }
      if (!line.endsWith("\r") || !fields.add(line.substring(0, line.length() - 1))) {
        return new PlainHead(End.SYNTAX, first, fields, 0);
      }
      if (fields.all().size() > limits.fields()) {
        return new PlainHead(End.TOO_LARGE, first, fields, 0);
      }
      from = end + 1;
    }
  }

  /** {@return how much of the text is known to belong to the head with the line from here} */
  private static int seen(String text, int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end + 1;
  }
}
