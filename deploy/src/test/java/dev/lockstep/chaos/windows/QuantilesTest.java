package dev.lockstep.chaos.windows;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Quantiles as the simulation has them. */
final class QuantilesTest {
  private record Case(int times, double share, long millis) {}

  @Test
  void aQuantileIsOneOfTheTimes() {
    for (Case it :
        List.of(
            new Case(1, 0.5, 1),
            new Case(1, 0.99, 1),
            new Case(2, 0.5, 1),
            new Case(3, 0.5, 2),
            new Case(50, 0.5, 25),
            new Case(50, 0.99, 50),
            new Case(100, 0.99, 99),
            new Case(200, 0.99, 198),
            new Case(200, 1.0, 200))) {
      assertThat(upTo(it.times).at(it.share)).as("%s", it).contains(Duration.ofMillis(it.millis));
    }
  }

  @Test
  void timesAreSortedAndThoseThatAreMissingDoNotCount() {
    Quantiles quantiles =
        Quantiles.of(
            Stream.of(
                Optional.of(Duration.ofSeconds(9)),
                Optional.empty(),
                Optional.of(Duration.ofMillis(1_234))));
    assertThat(quantiles.text(0.5)).isEqualTo("1.23");
    assertThat(quantiles.text(1)).isEqualTo("9.00");
  }

  @Test
  void noTimeHasNoQuantile() {
    Quantiles quantiles = Quantiles.of(Stream.of(Optional.empty()));
    assertThat(quantiles.at(0.5)).isEmpty();
    assertThat(quantiles.text(0.5)).isEqualTo("–");
  }

  private static Quantiles upTo(int millis) {
    return Quantiles.of(
        IntStream.rangeClosed(1, millis).mapToObj(it -> Optional.of(Duration.ofMillis(it))));
  }
}
