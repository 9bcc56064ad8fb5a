package dev.lockstep.bench.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One whole HTTP/1.1 answer, as it comes out of a connection that stays open behind it.
 *
 * @param status the HTTP status
 * @param fields of its header, by name in lower case; of several with one name, the last
 * @param body whole, in UTF-8
 */
public record HttpAnswer(int status, Map<String, String> fields, String body) {
  private static final int LONGEST_LINE = 16_384;
  private static final String CUT_SHORT = "closed in the middle of an answer";

  /**
   * {@return the answer of which the first byte has been read}
   *
   * @throws SocketException when the connection ends before the answer does
   */
  public static HttpAnswer read(char first, InputStream in) throws IOException {
    String[] status = (first + line(in)).split(" ", 3);
    if (status.length < 2) {
      throw new IOException("no status line: " + String.join(" ", status));
    }
    Map<String, String> fields = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      fields.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    String coding = fields.getOrDefault("transfer-encoding", "").toLowerCase(Locale.ROOT);
    byte[] body =
        coding.contains("chunked")
            ? chunks(in)
            : exactly(Integer.parseInt(fields.getOrDefault("content-length", "0")), in);
    String text = new String(body, StandardCharsets.UTF_8);
    return new HttpAnswer(Integer.parseInt(status[1]), fields, text);
  }

  /** {@return whether the server closes the connection behind it} */
  public boolean isLast() {
    return "close".equalsIgnoreCase(fields.get("connection"));
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
      body.writeBytes(exactly(size, in));
      line(in);
      if (size == 0) {
        return body.toByteArray();
      }
    }
  }

  private static byte[] exactly(int length, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new SocketException(CUT_SHORT);
    }
    return bytes;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder(64);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0 || line.length() > LONGEST_LINE) {
        throw new SocketException(CUT_SHORT);
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}
