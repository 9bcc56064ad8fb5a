package dev.lockstep.agent.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetryBudgetTest {

  private static int retries(RetryBudget budget) {
    int count = 0;
    while (budget.tryRetry()) {
      count++;
    }
    return count;
  }

  @Test
  void fifthOfTheActiveRequestsMayBeSentAgain() {
    RetryBudget budget = new RetryBudget(20, 3);
    for (int i = 0; i < 100; i++) {
      budget.begin();
    }
    assertThat(retries(budget)).isEqualTo(20);
    budget.retryEnded();
    assertThat(retries(budget)).isEqualTo(1);
    for (int i = 0; i < 50; i++) {
      budget.end();
    }
    budget.retryEnded();
    assertThat(budget.tryRetry()).as("fewer requests, smaller budget").isFalse();
  }

  @Test
  void fewRequestsHaveTheFloor() {
    RetryBudget budget = new RetryBudget(20, 3);
    budget.begin();
    assertThat(retries(budget)).isEqualTo(3);
  }

  @Test
  void nothingIsSentAgainWithoutAnyBudget() {
    RetryBudget budget = new RetryBudget(0, 0);
    budget.begin();
    assertThat(budget.tryRetry()).isFalse();
  }
}
