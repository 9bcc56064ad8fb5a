package dev.lockstep.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The middle of a few values. */
final class MiddleTest {
  @Test
  void oddAndEvenNumbersOfValues() {
    assertThat(Middle.of(List.of(3.0, 1.0, 2.0))).contains(new Middle(2, 1, 3));
    assertThat(Middle.of(List.of(4.0, 1.0))).contains(new Middle(2.5, 1, 4));
    assertThat(Middle.of(List.of())).isEmpty();
  }

  @Test
  void textHasTheSpan() {
    assertThat(new Middle(2.345, 1, 3).text(2)).isEqualTo("2.35 (1.00–3.00)");
    assertThat(new Middle(2345.6, 1, 3000).text(0)).isEqualTo("2346 (1–3000)");
  }
}
