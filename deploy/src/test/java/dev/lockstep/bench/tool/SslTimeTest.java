package dev.lockstep.bench.tool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.bench.tool.SslTime.Handshake;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code openssl s_time} of OpenSSL 3.0 writes. */
final class SslTimeTest {
  private static final String FULL =
      """
      Collecting connection statistics for 2 seconds
      *****

      5 connections in 0.11s; 45.45 connections/user sec, bytes read 1805
      5 connections in 3 real seconds, 361 bytes read per connection
      """;

  private static final String RESUMED =
      """


      Now timing with session id reuse.
      starting
      rrrr

      4 connections in 0.08s; 50.00 connections/user sec, bytes read 1444
      4 connections in 3 real seconds, 361 bytes read per connection
      """;

  @Test
  void processesAreAddedUp() {
    LoadFigures figures = SslTime.parse(List.of(FULL, FULL), Handshake.FULL, 2.5);
    assertThat(figures.requests()).isEqualTo(10);
    assertThat(figures.rate()).isEqualTo(4);
    assertThat(figures.faults()).isEmpty();
  }

  @Test
  void resumedHandshakesAreToldFromFullOnes() {
    assertThat(SslTime.parse(List.of(RESUMED), Handshake.RESUMED, 3).faults()).isEmpty();
    String one = RESUMED.replace("rrrr", "*rrr");
    assertThat(SslTime.parse(List.of(one), Handshake.RESUMED, 3).faults())
        .containsExactly("s_time: 1 full handshakes (expected: 0)");
    String reused = FULL.replace("*****", "**r**");
    assertThat(SslTime.parse(List.of(reused), Handshake.FULL, 3).faults())
        .containsExactly("s_time: 4 full handshakes (expected: 5)");
  }

  @Test
  void connectionsWithoutAnAnswerAreAFault() {
    String empty = FULL.replace("361 bytes read per", "0 bytes read per");
    assertThat(SslTime.parse(List.of(empty), Handshake.FULL, 3).faults()).hasSize(1);
  }
}
