package dev.lockstep.bench.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.bench.load.Spread;
import org.junit.jupiter.api.Test;

/** What wrk 4.1.0 writes. */
final class WrkTest {
  private static final String GOOD =
      """
      Running 5s test @ http://localhost:18080/128
        2 threads and 64 connections
        Thread Stats   Avg      Stdev     Max   +/- Stdev
          Latency     4.63ms    8.60ms   1.06s    92.56%
          Req/Sec     3.78k     1.38k    5.79k    70.00%
        Latency Distribution
           50%  960.00us
           75%    4.66ms
           90%   10.08ms
           99%   46.91ms
        3852 requests in 5.05s, 1.34MB read
      Requests/sec:   3668.00
      Transfer/sec:      1.28MB
      """;

  @Test
  void figuresAreRead() {
    LoadFigures figures = Wrk.parse(GOOD);
    assertThat(figures.requests()).isEqualTo(3852);
    assertThat(figures.seconds()).isEqualTo(5.05);
    assertThat(figures.rate()).isCloseTo(762.8, within(0.1));
    assertThat(figures.latency()).contains(new Spread(3852, 0.96, 46.91, 1060));
    assertThat(figures.faults()).isEmpty();
  }

  @Test
  void wrongStatusAndLostConnectionsAreFaults() {
    String bad =
        GOOD.replace(
            "Requests/sec",
            "  Socket errors: connect 0, read 3, write 0, timeout 1\n"
                + "  Non-2xx or 3xx responses: 7\nRequests/sec");
    assertThat(Wrk.parse(bad).faults())
        .containsExactly(
            "wrk: Socket errors: connect 0, read 3, write 0, timeout 1",
            "wrk: Non-2xx or 3xx responses: 7");
  }

  @Test
  void outputWithoutFiguresIsShown() {
    assertThatThrownBy(() -> Wrk.parse("unable to connect to localhost:1 Connection refused\n"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Connection refused");
  }
}
