package dev.lockstep.agent;

import dev.lockstep.core.Replica;
import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Transition;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the machine: takes an event, steps, executes the effects in order, sleeps until the
 * machine's next deadline.
 *
 * <p>One thread owns the machine's state. Every other thread hands events in with {@link #submit}
 * and reads {@link #view}, an immutable picture that is published after each step. A failure of the
 * machine itself is a bug: the loop ends and says so, and the process is started anew.
 */
final class ReplicaLoop {
  private static final Logger log = LoggerFactory.getLogger(ReplicaLoop.class);

  /** A step that takes longer than this is worth a line: heartbeats wait for it. */
  private static final long SLOW_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final long origin = System.nanoTime() - TimeUnit.SECONDS.toNanos(1);
  private final Consumer<Effect> effects;
  private final Consumer<Throwable> failed;
  private final Thread thread;

  private volatile Replica replica;

  /** When the last step began. */
  private volatile long steppedAt = System.nanoTime();

  /** Whether that step is still under way. */
  private volatile boolean busy;

  private volatile boolean running = true;

  /**
   * A loop that has not been started.
   *
   * @param replica the machine, not started
   * @param effects executes an effect without blocking; called on the loop's thread only
   * @param failed told when the machine or an effect threw: the process must end
   */
  ReplicaLoop(Replica replica, Consumer<Effect> effects, Consumer<Throwable> failed) {
    this.replica = replica;
    this.effects = effects;
    this.failed = failed;
    this.thread = Thread.ofPlatform().name("replica").daemon(true).unstarted(this::run);
  }

  /** Starts the loop; events that were submitted before are its first. */
  void start() {
    thread.start();
  }

  /** Hands an event in. Never blocks; from any thread. */
  void submit(Event event) {
    events.add(event);
  }

  /** {@return the state after the last step; it stays as it is} */
  Replica state() {
    return replica;
  }

  /** {@return the picture after the last step} */
  ReplicaView view() {
    return replica.view();
  }

  /** {@return the local monotonic clock, as the machine sees it} */
  NanoTime now() {
    return new NanoTime(System.nanoTime() - origin);
  }

  /** {@return when the last step began, of {@link System#nanoTime}} */
  long steppedAt() {
    return steppedAt;
  }

  /** {@return how many events wait} */
  int backlog() {
    return events.size();
  }

  /** {@return for how long the step that is under way has lasted; zero between two steps} */
  Duration stalledFor() {
    return busy ? Duration.ofNanos(System.nanoTime() - steppedAt) : Duration.ZERO;
  }

  /** Ends the loop after the step that is under way. */
  void stop() {
    running = false;
    thread.interrupt();
  }

  private void run() {
    try {
      while (running) {
        Event event = next();
        step(event);
      }
    } catch (InterruptedException e) {
      // Stopped: what is left in the queue is nobody's business any more.
      running = false;
    } catch (RuntimeException | Error e) {
      running = false;
      log.error("The replica's machine failed", e);
      failed.accept(e);
    }
  }

  private Event next() throws InterruptedException {
    NanoTime deadline = replica.nextDeadline();
    if (deadline == NanoTime.NEVER || deadline.nanos() == Long.MAX_VALUE) {
      return events.take();
    }
    long wait = deadline.nanos() - now().nanos();
    Event event = wait <= 0 ? events.poll() : events.poll(wait, TimeUnit.NANOSECONDS);
    return event == null ? new Event.TimePassed() : event;
  }

  private void step(Event event) {
    long at = System.nanoTime();
    NanoTime begun = new NanoTime(at - origin);
    steppedAt = at;
    busy = true; // AFTER the moment, or an earlier step would seem to last.
    Transition<Replica> transition = replica.step(event, begun);
    replica = transition.state();
    log.debug("step event={} effects={}", event.getClass().getSimpleName(), transition.effects());
    for (Effect effect : transition.effects()) {
      effects.accept(effect);
    }
    busy = false;
    long took = now().nanos() - begun.nanos();
    if (took > SLOW_STEP_NANOS) {
      log.warn(
          "A step was slow event={} millis={}",
          event.getClass().getSimpleName(),
          TimeUnit.NANOSECONDS.toMillis(took));
    }
  }
}
