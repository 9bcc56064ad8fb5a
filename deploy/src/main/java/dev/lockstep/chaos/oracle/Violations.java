package dev.lockstep.chaos.oracle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What was wrong, each with what happened before it, in a file of its own. Thread-safe. */
public final class Violations {
  private static final Duration BEFORE = Duration.ofSeconds(60);

  /** One fault can show in a hundred requests; the first ones say it all. */
  private static final int MOST_IN_FULL = 20;

  private final Journal journal;
  private final Path file;
  private final List<Violation> found = new ArrayList<>();
  private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);

  /** What can be wrong. */
  public enum Kind {
    /** Something older was served after "open": the one thing that must never be. */
    FALSE_OPEN("false opens"),
    /** A model that was called consistent is older than what was open before. */
    STALE_MODEL("stale models"),
    /** A version number stood for two configs. */
    VERSION_REUSED("versions reused"),
    /** A connection brought an older version than it had brought before. */
    VERSION_WENT_BACK("versions gone back"),
    /** What was written last is not what is served when all is healed. */
    LOST_UPDATE("lost updates"),
    /** A request failed, and nothing that was done to its process excuses it. */
    FAILED_REQUEST("failed requests"),
    /** The mesh did not come back after all was healed. */
    NOT_RECOVERED("not recovered");

    private final String plural;

    Kind(String plural) {
      this.plural = plural;
    }

    /** {@return its name for a report} */
    public String plural() {
      return plural;
    }
  }

  /**
   * One thing that was wrong.
   *
   * @param kind of thing
   * @param seconds since the start
   * @param text what was found, and what was expected
   */
  public record Violation(Kind kind, double seconds, String text) {}

  /** Writes them to this file. */
  public Violations(Journal journal, Path file) {
    this.journal = journal;
    this.file = file;
  }

  /**
   * Notes one.
   *
   * @param route whose writes and answers belong to the evidence; empty for those of all
   */
  public synchronized void add(Kind kind, String route, String text) {
    long now = System.nanoTime();
    journal.note(now, "VIOLATION", kind + ": " + text);
    int count = counts.merge(kind, 1, Integer::sum);
    if (count > MOST_IN_FULL) {
      return;
    }
    found.add(new Violation(kind, journal.seconds(now), text));
    List<String> lines = new ArrayList<>();
    lines.add("=== " + kind + ": " + text);
    lines.addAll(journal.since(now - BEFORE.toNanos(), route));
    lines.add("");
    try {
      Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** {@return how many of a kind} */
  public synchronized int count(Kind kind) {
    return counts.getOrDefault(kind, 0);
  }

  /** {@return the first ones of each kind} */
  public synchronized List<Violation> found() {
    return List.copyOf(found);
  }
}
