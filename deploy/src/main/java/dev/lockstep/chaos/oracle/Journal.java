package dev.lockstep.chaos.oracle;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * What happened, in order, with the seconds since the start: faults, writes, answers, what the pods
 * looked like. All of it is in a file, the last of it at hand as evidence. Thread-safe.
 */
public final class Journal implements AutoCloseable {
  private static final int AT_HAND = 20_000;

  private final long start = System.nanoTime();
  private final BufferedWriter file;
  private final Deque<Line> lines = new ArrayDeque<>();
  private boolean closed; // Guarded by this.

  private record Line(long at, String text) {}

  private Journal(BufferedWriter file) {
    this.file = file;
  }

  /** {@return a journal that is written to this file} */
  public static Journal open(Path path) {
    try {
      return new Journal(Files.newBufferedWriter(path));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path, e);
    }
  }

  /** Notes that something happened now. */
  public void note(String subject, String what) {
    note(System.nanoTime(), subject, what);
  }

  /** Notes that something happened at that moment of the monotonic clock. */
  public synchronized void note(long at, String subject, String what) {
    if (closed) {
      return; // The run was stopped: what still goes on is of no interest.
    }
    String text = "%9.3f  %-10s %s".formatted(seconds(at), subject, what);
    lines.addLast(new Line(at, text));
    if (lines.size() > AT_HAND) {
      lines.removeFirst();
    }
    try {
      file.write(text);
      file.newLine();
      file.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the journal", e);
    }
  }

  /** {@return the seconds from the start to a moment of the monotonic clock} */
  public double seconds(long at) {
    return (at - start) / 1e9;
  }

  /** {@return what was noted since a moment and is no write or answer about another route} */
  public synchronized List<String> since(long moment, String route) {
    List<String> found = new ArrayList<>();
    for (Line line : lines) {
      boolean about = line.text.contains(route) || !line.text.contains(" route-");
      if (line.at >= moment && about) {
        found.add(line.text);
      }
    }
    return found;
  }

  @Override
  public synchronized void close() {
    closed = true;
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return a time span for people} */
  static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
  }
}
