package dev.lockstep.bench.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.bench.load.Middle;
import dev.lockstep.bench.load.Spread;
import dev.lockstep.bench.proxy.Contender.Product;
import dev.lockstep.bench.tool.LoadFigures;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Figures of a few turns. */
final class CaseResultTest {
  private static final CaseResult RESULT =
      new CaseResult(
          Case.HTTP_SMALL,
          Map.of(
              Product.NGINX,
                  List.of(turn(100_000, 2_000), turn(50_000, 2_000), turn(100_000, 1_000)),
              Product.LOCKSTEP,
                  List.of(turn(200_000, 2_000), turn(50_000, 1_000), turn(50_000, 1_000))));

  @Test
  void processorTimeIsForHundredThousandRequests() {
    assertThat(RESULT.middle(Product.NGINX, Quantity.CPU)).contains(new Middle(2, 1, 4));
    assertThat(RESULT.middle(Product.NGINX, Quantity.PER_CPU))
        .contains(new Middle(50_000, 25_000, 100_000));
    assertThat(RESULT.middle(Product.NGINX, Quantity.RATE))
        .contains(new Middle(20_000, 10_000, 20_000));
  }

  @Test
  void ratioIsToNginxInTheSameRound() {
    assertThat(RESULT.ratio(Product.NGINX, Quantity.CPU)).contains(new Middle(1, 1, 1));
    assertThat(RESULT.ratio(Product.LOCKSTEP, Quantity.CPU)).contains(new Middle(0.5, 0.5, 2));
  }

  @Test
  void whatIsNotKnownIsLeftOut() {
    assertThat(RESULT.middle(Product.HAPROXY, Quantity.CPU)).isEmpty();
    assertThat(RESULT.ratio(Product.HAPROXY, Quantity.CPU)).isEmpty();
    CaseResult without =
        new CaseResult(
            Case.FULL_HANDSHAKES,
            Map.of(
                Product.NGINX,
                List.of(
                    turn(new LoadFigures(1, 1, Optional.empty(), Optional.empty(), List.of())))));
    assertThat(without.middle(Product.NGINX, Quantity.P99)).isEmpty();
  }

  @Test
  void lineNamesEveryContender() {
    assertThat(RESULT.text(Quantity.CPU))
        .isEqualTo("CPU s / 100k nginx 2.00 (1.00–4.00), Lockstep 2.00 (1.00–2.00)");
  }

  @Test
  void faultsNameTheirCaseAndContender() {
    LoadFigures bad =
        new LoadFigures(1, 1, Optional.empty(), Optional.empty(), List.of("wrk: 7 lost"));
    CaseResult result =
        new CaseResult(Case.HTTP_SMALL, Map.of(Product.HAPROXY, List.of(turn(bad))));
    assertThat(result.faults()).containsExactly("http-64x128B: HAProxy: wrk: 7 lost");
  }

  private static Sample turn(long requests, long cpuMillis) {
    Spread latency = new Spread(1, 1, 2, 3);
    return new Sample(
        new LoadFigures(requests, 5, Optional.of(latency), Optional.empty(), List.of()),
        Duration.ofMillis(cpuMillis));
  }

  private static Sample turn(LoadFigures load) {
    return new Sample(load, Duration.ofSeconds(1));
  }
}
