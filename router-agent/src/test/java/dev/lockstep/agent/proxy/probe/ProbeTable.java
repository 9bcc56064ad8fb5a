package dev.lockstep.agent.proxy.probe;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads a table of probes: one a line, cells parted by a bar between blanks, {@code #} for
 * comments. Cells have the escapes of Java, and these words in braces:
 *
 * <ul>
 *   <li>{@code {x*9}}: x nine times
 *   <li>{@code {HOST}}, {@code {OK}}, {@code {POST}}: the host field; a GET, a POST, up to the
 *       field
 *   <li>{@code {CLAIMS}}, {@code {CLAIMS b.test:81}}: what a backend is told about the client
 *   <li>{@code {GOT}}, {@code {POSTED}}: GET and POST as the backend gets them, up to the claims
 *   <li>{@code {502}}: this answer of the proxy, whole, for a connection that stays
 *   <li>{@code {THEN}}: what follows is sent once all before it has come through
 * </ul>
 */
final class ProbeTable {
  private static final String HOST = "Host: a.test\r\n";
  private static final Pattern REPEAT = Pattern.compile("\\{([^{}]*)\\*(\\d+)}");
  private static final Pattern CLAIMS = Pattern.compile("\\{CLAIMS(?: ([^}:]+)(:\\d+)?)?}");

  private ProbeTable() {}

  /** {@return the rows of this file, with that many cells; those left out at the end are empty} */
  static List<List<String>> rows(String file, int cells) {
    try (InputStream in = Objects.requireNonNull(ProbeTable.class.getResourceAsStream(file))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> cells(file, line, cells))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> cells(String file, String line, int count) {
    List<String> cells = new ArrayList<>(Stream.of(line.split(" \\| ", -1)).toList());
    if (cells.size() > count) {
      throw new IllegalArgumentException(
          file + ": " + line + " (expected: at most " + count + " cells)");
    }
    while (cells.size() < count) {
      cells.add("");
    }
    cells.replaceAll(ProbeTable::expand);
    return cells;
  }

  /** {@return the parts of a cell, at least one} */
  static List<String> parts(String cell) {
    return List.of(cell.split("\\{THEN}", -1));
  }

  static String expand(String cell) {
    String text =
        cell.replace("{HOST}", HOST)
            .replace("{OK}", "GET / HTTP/1.1\r\n" + HOST)
            .replace("{POST}", "POST / HTTP/1.1\r\n" + HOST)
            .replace("{GOT}", "GET / HTTP/1.1\r\n{CLAIMS}")
            .replace("{POSTED}", "POST / HTTP/1.1\r\n{CLAIMS}")
            .replace("{502}", answer("502 Bad Gateway", "the backend failed"))
            .translateEscapes();
    text = CLAIMS.matcher(text).replaceAll(m -> Matcher.quoteReplacement(claims(m)));
    return REPEAT
        .matcher(text)
        .replaceAll(m -> Matcher.quoteReplacement(m.group(1).repeat(Integer.parseInt(m.group(2)))));
  }

  private static String answer(String status, String detail) {
    String body = status + ": " + detail + "\n";
    return "HTTP/1.1 "
        + status
        + "\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: "
        + body.length()
        + "\r\nconnection: keep-alive\r\n\r\n"
        + body;
  }

  private static String claims(MatchResult asked) {
    String host = asked.group(1) == null ? "a.test" : asked.group(1);
    String port = asked.group(2) == null ? "80" : asked.group(2).substring(1);
    String authority = asked.group(2) == null ? host : host + asked.group(2);
    return "host: "
        + authority
        + "\r\nx-forwarded-for: 127.0.0.1\r\nx-real-ip: 127.0.0.1\r\nx-forwarded-proto: http\r\n"
        + "x-forwarded-port: "
        + port
        + "\r\nx-forwarded-host: "
        + authority
        + "\r\nforwarded: for=127.0.0.1;host=\""
        + authority
        + "\";proto=http\r\n";
  }
}
