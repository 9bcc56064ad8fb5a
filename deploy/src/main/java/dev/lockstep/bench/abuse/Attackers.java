package dev.lockstep.bench.abuse;

import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Several connections that flood one target at a bounded rate, and come back when they are thrown
 * out. Thread-safe.
 */
final class Attackers implements AutoCloseable {
  private static final int CONNECTIONS = 4;

  /** Of each connection, per second: more than anybody needs, and less than a core can send. */
  private static final int STEPS = 5_000;

  private static final long STEP_NANOS = 1_000_000_000L / STEPS;

  private final Attack attack;
  private final URI target;
  private final LongAdder steps = new LongAdder();
  private final LongAdder thrownOut = new LongAdder();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  private Attackers(Attack attack, URI target) {
    this.attack = attack;
    this.target = target;
  }

  /** Floods this target until closed. */
  static Attackers start(Attack attack, URI target) {
    Attackers attackers = new Attackers(attack, target);
    for (int i = 0; i < CONNECTIONS; i++) {
      attackers.threads.add(Thread.ofPlatform().name("attacker").start(attackers::flood));
    }
    return attackers;
  }

  private void flood() {
    while (!over) {
      try (FrameClient client = FrameClient.connect(target, attack.window())) {
        long due = System.nanoTime();
        while (!over && !client.ended()) {
          attack.step(client);
          steps.increment();
          due += STEP_NANOS;
          LockSupport.parkNanos(due - System.nanoTime());
        }
        if (client.ended()) {
          thrownOut.increment();
        }
      } catch (UncheckedIOException e) {
        thrownOut.increment(); // Not even let in.
      }
    }
  }

  /** {@return how many times something was done so far} */
  long steps() {
    return steps.sum();
  }

  /** {@return how many connections the server has ended so far} */
  long thrownOut() {
    return thrownOut.sum();
  }

  @Override
  public void close() throws InterruptedException {
    over = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
