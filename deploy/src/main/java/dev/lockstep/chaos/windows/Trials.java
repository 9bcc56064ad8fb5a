package dev.lockstep.chaos.windows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * All trials of a folder, in a file to which each is added when it is over: a run that was stopped
 * goes on where it was. Confined to one thread.
 */
final class Trials {
  private final Path file;
  private final List<Trial> all;

  private Trials(Path file, List<Trial> all) {
    this.file = file;
    this.all = all;
  }

  /**
   * {@return the trials in this file; none if it is not there yet} A last line without its end is
   * what a killed run left behind, and is cut off.
   *
   * @throws IllegalArgumentException if another line is no trial
   */
  static Trials open(Path file) {
    try {
      String text = Files.exists(file) ? Files.readString(file) : "";
      String whole = text.substring(0, text.lastIndexOf('\n') + 1);
      if (!whole.equals(text)) {
        Files.writeString(file, whole);
      }
      List<Trial> all = new ArrayList<>();
      int number = 0;
      for (String line : whole.lines().toList()) {
        number++;
        all.add(parse(file, number, line));
      }
      return new Trials(file, all);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Adds one. */
  void add(Trial trial) {
    try {
      Files.writeString(
          file, trial.line() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
    all.add(trial);
  }

  /** {@return those of a row, in their order} */
  List<Trial> of(Row row) {
    return all.stream().filter(it -> it.row().equals(row)).toList();
  }

  private static Trial parse(Path file, int number, String line) {
    try {
      return Trial.parse(line);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s, line %d: %s (expected: a trial; remove the line or choose another --dir)"
              .formatted(file, number, e.getMessage()),
          e);
    }
  }
}
