package dev.lockstep.local.process;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition that can only be looked at. */
public final class Await {
  private static final Duration POLL = Duration.ofMillis(20);

  private Await() {}

  /**
   * Returns when the condition is true. It is looked at at least once, and its own exceptions end
   * the waiting.
   *
   * @param patience how long it may take
   * @param what is awaited, as in "pod x is ready"
   * @throws IllegalStateException if it takes longer; the message says what was awaited
   */
  public static void until(Duration patience, String what, BooleanSupplier condition)
      throws InterruptedException {
    until(patience, () -> what, condition);
  }

  /** As above; what is awaited is put in words when it has not come, and can say how things are. */
  public static void until(Duration patience, Supplier<String> what, BooleanSupplier condition)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("not within " + patience.toSeconds() + " s: " + what.get());
      }
      Thread.sleep(POLL);
    }
  }
}
