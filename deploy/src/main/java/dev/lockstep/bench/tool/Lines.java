package dev.lockstep.bench.tool;

import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Finds what a tool must have said. */
final class Lines {
  private Lines() {}

  /** {@return the first place in the text that matches} */
  static MatchResult find(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("no /" + pattern + "/ in output: " + text.strip()));
  }

  static long number(MatchResult found, int group) {
    return Long.parseLong(found.group(group));
  }
}
