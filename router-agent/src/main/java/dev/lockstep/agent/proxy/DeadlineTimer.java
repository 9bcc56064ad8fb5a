package dev.lockstep.agent.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One deadline that is moved often and reached seldom. Moving it later costs nothing: the scheduled
 * task looks at the deadline when it runs and goes back to sleep. So a request needs no timer of
 * its own.
 *
 * <p>Confined to its event loop.
 */
public final class DeadlineTimer {
  private final EventLoop loop;
  private final Runnable onDeadline;
  private @Nullable ScheduledFuture<?> task;
  private long taskAt;
  private long deadline;
  private boolean armed;

  /** Runs this on that loop when the deadline has passed. */
  public DeadlineTimer(EventLoop loop, Runnable onDeadline) {
    this.loop = loop;
    this.onDeadline = onDeadline;
  }

  /** Moves the deadline to this long from now. */
  public void set(Duration fromNow) {
    set(fromNow.toNanos());
  }

  /** Moves the deadline to this many nanoseconds from now. */
  public void set(long nanosFromNow) {
    deadline = System.nanoTime() + nanosFromNow;
    armed = true;
    ScheduledFuture<?> scheduled = task;
    if (scheduled != null && taskAt - deadline <= 0) {
      return;
    }
    if (scheduled != null) {
      scheduled.cancel(false);
    }
    schedule(nanosFromNow);
  }

  /** There is no deadline until the next {@link #set}. */
  public void clear() {
    armed = false;
  }

  /** Stops for good. */
  public void stop() {
    armed = false;
    ScheduledFuture<?> scheduled = task;
    if (scheduled != null) {
      scheduled.cancel(false);
      task = null;
    }
  }

  private void schedule(long nanos) {
    taskAt = System.nanoTime() + nanos;
    task = loop.schedule(this::run, nanos, TimeUnit.NANOSECONDS);
  }

  private void run() {
    task = null;
    if (!armed) {
      return;
    }
    long left = deadline - System.nanoTime();
    if (left > 0) {
      schedule(left);
      return;
    }
    armed = false;
    onDeadline.run();
  }
}
