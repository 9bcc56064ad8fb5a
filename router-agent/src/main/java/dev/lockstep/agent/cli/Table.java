package dev.lockstep.agent.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows in columns, as wide as their widest cell. Not thread-safe. */
final class Table {
  private static final int GAP = 3;

  private final List<List<String>> rows = new ArrayList<>();

  Table(String... headings) {
    rows.add(List.of(headings));
  }

  void row(String... cells) {
    rows.add(List.of(cells));
  }

  /** Prints all rows; one column may hold the states of replicas, which have colours. */
  void print(Terminal terminal, String stateHeading) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    int coloured = rows.getFirst().indexOf(stateHeading);
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String cell = row.get(i);
        String padded = cell + " ".repeat(widths[i] - cell.length() + GAP);
        boolean state = i == coloured && row != rows.getFirst();
        line.append(state ? terminal.state(cell, padded) : padded);
      }
      terminal.out().println(line.toString().stripTrailing());
    }
  }
}
