package dev.lockstep.sim.broken;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads patches from text.
 *
 * <pre>
 * # a comment
 * patch NAME
 * rules P6, trap 2
 * because one sentence, which goes on
 *   in lines that are indented
 * expect InvariantThatMustNotice          (optional)
 * file core/lease/Requests.java
 * find
 *     some lines as they stand in that file
 * replace
 *     some lines to stand there instead
 * end
 * </pre>
 *
 * <p>Between {@code find}, {@code replace} and {@code end} everything is text. A patch may have
 * several {@code file}s, and a file several {@code find}s.
 */
final class PatchReader {

  private final String source;
  private final List<String> lines;
  private final List<Patch> patches = new ArrayList<>();
  private int next;

  private PatchReader(String source, String text) {
    this.source = source;
    this.lines = text.lines().toList();
  }

  /**
   * {@return the patches of one file}
   *
   * @param source what to call the file in a complaint
   */
  static List<Patch> read(String source, String text) {
    PatchReader reader = new PatchReader(source, text);
    reader.skip();
    while (reader.next < reader.lines.size()) {
      reader.patches.add(reader.patch());
      reader.skip();
    }
    return List.copyOf(reader.patches);
  }

  private Patch patch() {
    String name = value("patch");
    List<String> rules = List.of(value("rules").split(",\\s*"));
    StringBuilder because = new StringBuilder(value("because"));
    while (next < lines.size() && lines.get(next).startsWith("  ")) {
      because.append(' ').append(lines.get(next++).strip());
    }
    String expected = is("expect") ? value("expect") : "";
    List<Patch.Edit> edits = new ArrayList<>();
    while (is("file")) {
      edits(value("file"), edits);
    }
    if (edits.isEmpty()) {
      throw problem("patch " + name + " changes nothing", "file PATH, then find, replace, end");
    }
    return new Patch(name, rules, because.toString(), expected, edits);
  }

  private void edits(String file, List<Patch.Edit> edits) {
    while (is("find")) {
      next++;
      String find = textUntil("replace");
      if (find.isBlank()) {
        throw problem("nothing to find in " + file, "the lines that are there now");
      }
      edits.add(new Patch.Edit(file, find, textUntil("end")));
      skip();
    }
  }

  private String textUntil(String end) {
    int first = next;
    while (next < lines.size() && !lines.get(next).equals(end)) {
      next++;
    }
    if (next == lines.size()) {
      throw problem("the text that begins in line " + (first + 1) + " has no end", end);
    }
    return String.join("\n", lines.subList(first, next++));
  }

  private boolean is(String keyword) {
    return next < lines.size() && (lines.get(next) + " ").startsWith(keyword + " ");
  }

  private String value(String keyword) {
    if (!is(keyword) || lines.get(next).length() <= keyword.length() + 1) {
      String found = next < lines.size() ? "\"" + lines.get(next) + "\"" : "the end of the file";
      throw problem(found, keyword + " …");
    }
    return lines.get(next++).substring(keyword.length()).strip();
  }

  private void skip() {
    while (next < lines.size() && (lines.get(next).isBlank() || lines.get(next).startsWith("#"))) {
      next++;
    }
  }

  private IllegalArgumentException problem(String what, String expected) {
    int line = Math.min(next, lines.size() - 1) + 1;
    return new IllegalArgumentException(
        source + ":" + line + ": " + what + " (expected: " + expected + ")");
  }
}
