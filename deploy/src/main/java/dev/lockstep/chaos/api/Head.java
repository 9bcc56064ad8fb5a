package dev.lockstep.chaos.api;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The head of a request or of an answer, as it came, and the way to pass on what follows it.
 *
 * @param first the line that all begins with
 * @param fields the other lines
 */
record Head(String first, List<String> fields) {
  private static final int LONGEST_LINE = 64 * 1024;
  private static final int PIECE = 16 * 1024;

  Head {
    fields = List.copyOf(fields);
  }

  /** {@return the next head; nothing when the stream has ended in front of it} */
  static Optional<Head> read(InputStream in) throws IOException {
    int start = in.read();
    if (start < 0) {
      return Optional.empty();
    }
    String first = (char) start + line(in);
    List<String> fields = new ArrayList<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      fields.add(line);
    }
    return Optional.of(new Head(first, fields));
  }

  byte[] bytes() {
    StringBuilder text = new StringBuilder(first).append("\r\n");
    fields.forEach(it -> text.append(it).append("\r\n"));
    return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** {@return the method of a request} */
  String method() {
    return first.split(" ", 2)[0];
  }

  /** {@return whether a request wants to be told of changes for ever} */
  boolean isWatch() {
    return first.contains("watch=true");
  }

  /** {@return the status of an answer} */
  int status() {
    return Integer.parseInt(first.split(" ", 3)[1]);
  }

  /** {@return whether a body of an answer ends with its connection} */
  boolean endsWithConnection() {
    boolean none = status() == 204 || status() == 304 || status() < 200;
    return !none && !chunked() && field("content-length").isEmpty();
  }

  /** Lets bytes pass, or holds them. */
  interface Gate {
    void await() throws InterruptedException;
  }

  /** Passes the body on that follows this head, each piece when the gate lets it. */
  void passBody(InputStream in, OutputStream out, Gate gate)
      throws IOException, InterruptedException {
    if (chunked()) {
      passChunks(in, out, gate);
    } else if (field("content-length").isPresent()) {
      pass(in, new Target(out, gate), Long.parseLong(field("content-length").orElseThrow()));
    }
  }

  /** Where a body goes. */
  private record Target(OutputStream out, Gate gate) {}

  private static void passChunks(InputStream in, OutputStream out, Gate gate)
      throws IOException, InterruptedException {
    long size;
    do {
      String line = line(in);
      size = Long.parseLong(line.split(";", 2)[0].strip(), 16);
      gate.await();
      out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      pass(in, new Target(out, gate), size + 2); // With the end of the line.
    } while (size > 0);
  }

  private static void pass(InputStream in, Target target, long length)
      throws IOException, InterruptedException {
    byte[] piece = new byte[PIECE];
    long left = length;
    while (left > 0) {
      int n = in.read(piece, 0, (int) Math.min(piece.length, left));
      if (n < 0) {
        throw new EOFException("closed in the middle of a body");
      }
      target.gate.await();
      target.out.write(piece, 0, n);
      target.out.flush();
      left -= n;
    }
  }

  private boolean chunked() {
    return field("transfer-encoding").map(it -> it.contains("chunked")).orElse(false);
  }

  private Optional<String> field(String name) {
    return fields.stream()
        .filter(it -> it.toLowerCase(Locale.ROOT).startsWith(name + ":"))
        .map(it -> it.substring(name.length() + 1).strip().toLowerCase(Locale.ROOT))
        .findFirst();
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0 || line.size() > LONGEST_LINE) {
        throw new EOFException("closed in the middle of a head");
      }
      line.write(c);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }
}
