package dev.lockstep.agent.proxy;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Notices that its event loop, or the machine that decides what is served, stood still for longer
 * than the fence time: meanwhile the replica may have been taken out of the in-sync set, so what it
 * serves may be old. From then on requests are refused, the one that is being looked at included,
 * until somebody who has synced says so.
 *
 * <p>Confined to its event loop.
 */
public final class PauseGuard {
  private final long fenceNanos;
  private final Consumer<Duration> onPause;
  private final LongSupplier steppedAt;
  private long lastLook;
  private long noticedAt;
  private boolean paused;

  /**
   * What a pause is noticed by, and who is told.
   *
   * @param onPause how long something stood still
   * @param steppedAt when the machine that decides what is served took its last step, of {@link
   *     System#nanoTime}
   */
  public record Watched(Consumer<Duration> onPause, LongSupplier steppedAt) {}

  /** Begins at this moment of {@link System#nanoTime}, with this fence time. */
  public PauseGuard(Duration fence, Watched watched, long now) {
    this.fenceNanos = fence.toNanos();
    this.onPause = watched.onPause();
    this.steppedAt = watched.steppedAt();
    this.lastLook = now;
  }

  /** {@return whether requests may be served at this moment of {@link System#nanoTime}} */
  public boolean look(long now) {
    long gap = now - lastLook;
    lastLook = now;
    long idle = now - steppedAt.getAsLong();
    if (gap > fenceNanos || (!paused && idle > fenceNanos)) {
      paused = true;
      noticedAt = now;
      onPause.accept(Duration.ofNanos(Math.max(gap, idle)));
    }
    return !paused;
  }

  /**
   * Serves again, unless a pause began after the moment at which somebody decided so: the decision
   * may itself have been paused on its way here.
   */
  public void resume(long decidedAt, long now) {
    boolean noticedLater = paused && noticedAt - decidedAt > 0;
    if (now - Math.max(lastLook, decidedAt) > fenceNanos) {
      look(now);
      return;
    }
    lastLook = now;
    paused = noticedLater;
  }
}
