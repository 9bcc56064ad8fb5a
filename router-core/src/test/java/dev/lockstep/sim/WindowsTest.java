package dev.lockstep.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.sim.Windows.Row;
import dev.lockstep.sim.Windows.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every trouble has an end, for every size of a mesh and every number of survivors. */
final class WindowsTest {

  private static final int TRIALS = Integer.getInteger("lockstep.trials", 50);

  private static final List<Integer> SIZES =
      Stream.of(System.getProperty("lockstep.sizes", "2,3,4,5,6,7,8,9,10").split(","))
          .map(Integer::valueOf)
          .toList();

  @Test
  void aChangeIsLiveAfterEveryTrouble() {
    for (Trouble trouble : Trouble.values()) {
      Row row = Windows.measure(trouble, 3, 2, 2);
      assertThat(row.windows()).as(trouble.name()).hasSize(2);
    }
  }

  /** However few survive: one is enough, for no decision takes a majority (X8, R83). */
  @Test
  void aChangeIsLiveForEveryNumberOfSurvivors() {
    for (int replicas = 2; replicas <= 6; replicas++) {
      for (int hit = 1; hit < replicas; hit++) {
        assertOpenWithin(Duration.ofSeconds(30), Trouble.SO_MANY_KILLED, replicas, hit);
        assertOpenWithin(Duration.ofSeconds(120), Trouble.SO_MANY_NODES_LOST, replicas, hit);
      }
    }
  }

  private static void assertOpenWithin(Duration limit, Trouble trouble, int replicas, int hit) {
    assertThat(Windows.measure(trouble, replicas, hit, 2).windows())
        .as("%s, %d of %d", trouble, hit, replicas)
        .allSatisfy(window -> assertThat(window.open()).isLessThan(limit));
  }

  /**
   * The whole table; {@code -Dlockstep.trials=N} says how many trials a line has, {@code
   * -Dlockstep.sizes=3,5} of how many replicas.
   */
  @Test
  @Tag("windows")
  void allSizesAndAllNumbersOfSurvivors() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (Trouble trouble : Trouble.values()) {
      for (int replicas : SIZES) {
        for (int hit : hits(trouble, replicas)) {
          rows.add(Windows.measure(trouble, replicas, hit, TRIALS));
        }
      }
    }
    Files.writeString(Path.of("target", "windows.md"), table(rows));
    assertThat(rows).isNotEmpty();
  }

  private static List<Integer> hits(Trouble trouble, int replicas) {
    boolean many = trouble == Trouble.SO_MANY_KILLED || trouble == Trouble.SO_MANY_NODES_LOST;
    return many ? IntStream.range(1, replicas).boxed().toList() : List.of(1);
  }

  private static String table(List<Row> rows) {
    StringBuilder text =
        new StringBuilder(
            "| trouble | replicas | survivors | has a version: p50 | p99 | max"
                + " | barrier open: p50 | p99 | max |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for (Row row : rows) {
      String name = row.trouble().name().toLowerCase(Locale.ROOT).replace('_', ' ');
      text.append("| ").append(name).append(" | ").append(row.replicas());
      text.append(" | ").append(row.replicas() - row.hit());
      for (boolean open : new boolean[] {false, true}) {
        for (double share : new double[] {0.5, 0.99, 1.0}) {
          text.append(" | ").append(row.quantile(open, share));
        }
      }
      text.append(" |\n");
    }
    return text.toString();
  }
}
