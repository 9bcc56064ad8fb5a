package dev.lockstep.bench.proxy;

import java.util.ArrayList;
import java.util.List;

/** A table that is Markdown, and that people can read as it is. Confined to one thread. */
public final class MarkdownTable {
  /** Stands where there is no value. */
  static final String NOTHING = "–";

  private final List<List<String>> rows = new ArrayList<>();
  private final int columns;

  /** Has these headings. */
  public MarkdownTable(List<String> header) {
    columns = header.size();
    rows.add(List.copyOf(header));
  }

  /** Adds a row; cells that are missing at its end stay empty. */
  public void add(String... cells) {
    rows.add(List.of(cells));
  }

  /** {@return it all, with columns as wide as what is in them} */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      for (int column = 0; column < columns; column++) {
        text.append("| ").append(pad(cell(rows.get(i), column), width(column))).append(' ');
      }
      text.append("|\n");
      if (i == 0) {
        for (int column = 0; column < columns; column++) {
          text.append('|').append("-".repeat(width(column) + 2));
        }
        text.append("|\n");
      }
    }
    return text.toString();
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> cell(row, column).length()).max().orElse(0);
  }

  private static String cell(List<String> row, int column) {
    return column < row.size() ? row.get(column) : "";
  }

  private static String pad(String cell, int width) {
    return cell + " ".repeat(width - cell.length());
  }
}
