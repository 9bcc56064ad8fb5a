package dev.lockstep.bench.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables that people can read as they are. */
final class MarkdownTableTest {
  @Test
  void columnsAreAsWideAsWhatIsInThem() {
    MarkdownTable table = new MarkdownTable(List.of("", "ms"));
    table.add("nginx", "12.5");
    table.add("Lockstep");
    assertThat(table.text())
        .isEqualTo(
            """
            |          | ms   |
            |----------|------|
            | nginx    | 12.5 |
            | Lockstep |      |
            """);
  }
}
