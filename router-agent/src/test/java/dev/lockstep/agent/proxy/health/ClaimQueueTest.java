package dev.lockstep.agent.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Five may wait; ten milliseconds do no harm. */
class ClaimQueueTest {
  private static final long MILLI = 1_000_000L;

  private final ClaimQueue<String> queue = new ClaimQueue<>(5, Duration.ofMillis(10));

  private boolean offer(String claim, long millis) {
    return queue.offer(claim, millis * MILLI);
  }

  private List<String> expire(long millis) {
    return queue.expire(millis * MILLI);
  }

  private long deadline() {
    return queue.deadline() / MILLI;
  }

  @Test
  void firstComeFirstServedAndNoMoreThanMayWait() {
    for (String claim : List.of("a", "b", "c", "d", "e")) {
      assertThat(offer(claim, 0)).isTrue();
    }
    assertThat(offer("f", 0)).isFalse();
    assertThat(queue.poll(1)).contains("a");
    assertThat(offer("f", 1)).isTrue();
    queue.remove("c");
    List<String> rest = new ArrayList<>();
    while (!queue.isEmpty()) {
      queue.poll(2).ifPresent(rest::add);
    }
    assertThat(rest).containsExactly("b", "d", "e", "f");
    assertThat(queue.poll(3)).isEmpty();
  }

  /** A burst: somebody waits long, but the queue is soon empty again. */
  @Test
  void burstMayTakeTenTargets() {
    offer("a", 0);
    offer("b", 5);
    assertThat(expire(99)).isEmpty();
    assertThat(queue.poll(99 * MILLI)).contains("a");
    assertThat(queue.poll(99 * MILLI)).contains("b");
  }

  @Test
  void nobodyWaitsLongerThanTenTargets() {
    offer("a", 0);
    assertThat(deadline()).isEqualTo(100);
    assertThat(expire(100)).containsExactly("a");
    assertThat(queue.isEmpty()).isTrue();
  }

  /** In a whole interval nobody had waited less than the target. */
  @Test
  void standingQueueTurnsAwayWhoHasWaitedForTheTarget() {
    offer("a", 0);
    offer("b", 80);
    offer("c", 95);
    offer("d", 108);
    assertThat(queue.poll(98 * MILLI)).contains("a");
    assertThat(queue.poll(110 * MILLI)).contains("b");
    assertThat(expire(110)).containsExactly("c");
    assertThat(deadline()).isEqualTo(118);
    assertThat(expire(118)).containsExactly("d");
  }

  @Test
  void oneWhoIsServedSoonMakesItAGoodQueueAgain() {
    standingQueueTurnsAwayWhoHasWaitedForTheTarget();
    offer("e", 300);
    offer("f", 301);
    assertThat(expire(320)).isEmpty();
    assertThat(deadline()).isEqualTo(400);
  }

  @Test
  void standingQueueIsNoticedThoughNobodyIsServed() {
    ClaimQueue<String> patient = new ClaimQueue<>(5, Duration.ofMillis(50));
    patient.offer("a", 0);
    patient.offer("b", 70 * MILLI);
    assertThat(patient.deadline()).isEqualTo(100 * MILLI);
    assertThat(patient.expire(100 * MILLI)).containsExactly("a");
    assertThat(patient.expire(120 * MILLI)).containsExactly("b");
  }
}
