package dev.lockstep.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Percentiles by nearest rank. */
final class SpreadTest {
  private static final long MILLI = 1_000_000;

  @Test
  void hundredTimesInAnyOrder() {
    List<Long> times = LongStream.rangeClosed(1, 100).map(i -> (101 - i) * MILLI).boxed().toList();
    assertThat(Spread.of(times)).isEqualTo(new Spread(100, 50, 99, 100));
  }

  @Test
  void fewTimes() {
    assertThat(Spread.of(List.of(3 * MILLI))).isEqualTo(new Spread(1, 3, 3, 3));
    assertThat(Spread.of(List.of(-MILLI, 2 * MILLI, MILLI))).isEqualTo(new Spread(3, 1, 2, 2));
  }
}
