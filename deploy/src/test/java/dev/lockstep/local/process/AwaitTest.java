package dev.lockstep.local.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class AwaitTest {

  @Test
  void looksAgainUntilTheConditionIsTrue() throws InterruptedException {
    AtomicInteger looks = new AtomicInteger();

    Await.until(Duration.ofMinutes(1), "third look", () -> looks.incrementAndGet() == 3);

    assertThat(looks).hasValue(3);
  }

  @Test
  void looksOnceWithoutPatience() throws InterruptedException {
    Await.until(Duration.ZERO, "nothing", () -> true);
  }

  @Test
  void saysWhatDidNotCome() {
    AtomicInteger looks = new AtomicInteger();

    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                Await.until(
                    Duration.ZERO,
                    () -> "2 pods are ready (" + looks + ")",
                    () -> looks.incrementAndGet() < 0))
        .withMessage("not within 0 s: 2 pods are ready (1)");
  }

  @Test
  void whatTheConditionThrowsEndsTheWaiting() {
    assertThatThrownBy(
            () ->
                Await.until(
                    Duration.ofMinutes(1),
                    "life",
                    () -> {
                      throw new UnsupportedOperationException("ended");
                    }))
        .hasMessage("ended");
  }
}
