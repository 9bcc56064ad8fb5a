package dev.lockstep.bench.tool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.bench.load.Spread;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What h2load 1.52 writes. */
final class H2loadTest {
  private static final String GOOD =
      """
      starting benchmark...
      progress: 100% of clients started
      TLS Protocol: TLSv1.3
      Cipher: TLS_AES_128_GCM_SHA256
      Server Temp Key: X25519 253 bits
      Application protocol: h2

      finished in 2.01s, 1.50 req/s, 263.13KB/s
      requests: 3 total, 4 started, 3 done, 3 succeeded, 0 failed, 0 errored, 0 timeout
      status codes: 3 2xx, 0 3xx, 0 4xx, 0 5xx
      traffic: 263.13KB (269445) total, 204.49KB (209399) headers, 244.63KB (250496) data
      """;

  @Test
  void figuresAreRead() {
    Stream<String> log =
        Stream.of("1796099566948355\t200\t18642", "1796099566966354\t200\t826", "1\t200\t768");
    LoadFigures figures = H2load.parse(GOOD, log);
    assertThat(figures.requests()).isEqualTo(3);
    assertThat(figures.seconds()).isEqualTo(2.01);
    assertThat(figures.latency()).contains(new Spread(3, 0.826, 18.642, 18.642));
    assertThat(figures.tls()).contains("TLSv1.3 TLS_AES_128_GCM_SHA256");
    assertThat(figures.faults()).isEmpty();
  }

  @Test
  void failedRequestsAndWrongStatusAreFaults() {
    String failed = GOOD.replace("0 failed, 0 errored", "1 failed, 1 errored");
    assertThat(H2load.parse(failed, Stream.of()).faults()).hasSize(1);
    String wrong = GOOD.replace("3 2xx, 0 3xx, 0 4xx", "1 2xx, 0 3xx, 2 4xx");
    assertThat(H2load.parse(wrong, Stream.of()).faults())
        .containsExactly("h2load: status codes: 1 2xx, 0 3xx, 2 4xx, 0 5xx");
  }

  @Test
  void answersThatAreNotGoodDoNotCountAsLatency() {
    LoadFigures figures = H2load.parse(GOOD, Stream.of("1\t-1\t5", "1\t503\t7"));
    assertThat(figures.latency()).isEmpty();
  }
}
