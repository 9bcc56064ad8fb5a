package dev.lockstep.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A few requests by the clock, to a backend in this process. */
final class OpenLoopTest {
  private static final Duration LENGTH = Duration.ofMillis(200);

  @Test
  void everyRequestThatIsDueIsSentAndCounted() {
    try (FixedBackend backend = FixedBackend.start("ok", 0)) {
      LoadTally tally = new OpenLoop(target(backend), 4, "ok").run(100, LENGTH);
      assertThat(tally.succeeded()).isEqualTo(20);
      assertThat(tally.failures()).isEmpty();
      assertThat(tally.spread().orElseThrow().max()).isPositive();
    }
  }

  @Test
  void wrongBodyIsAFailure() {
    try (FixedBackend backend = FixedBackend.start("odd", 0)) {
      LoadTally tally = new OpenLoop(target(backend), 1, "ok").run(50, LENGTH);
      assertThat(tally.succeeded()).isZero();
      assertThat(tally.spread()).isEmpty();
      assertThat(tally.failures()).hasSize(10).allMatch(it -> it.contains("wrong-answer"));
    }
  }

  private static URI target(FixedBackend backend) {
    return URI.create("http://127.0.0.1:" + backend.port() + "/");
  }
}
