package dev.lockstep.local.kubelet;

import dev.lockstep.local.process.Child;
import dev.lockstep.local.process.ChildCommand;
import dev.lockstep.local.process.Children;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The process of one pod, started again a second after it ended. Thread-safe: one lock.
 *
 * <p>Invariant: {@code restarts} counts the starts after the first.
 */
final class ReplicaProcess {
  private static final Duration RESTART_DELAY = Duration.ofSeconds(1);

  private final Children children;
  private final ChildCommand command;
  private final Runnable changed;
  private @Nullable Child child; // Null before the first start.
  private ContainerState state = new ContainerState.Waiting();
  private Optional<ContainerState> last = Optional.empty();
  private int restarts;
  private long nextStart = System.nanoTime();

  /** Runs {@code changed} after each start and each end. */
  ReplicaProcess(Children children, AgentCommand command, Path log, Runnable changed) {
    this.children = children;
    this.changed = changed;
    this.command = new ChildCommand(command.arguments(), command.environment(), log);
  }

  /**
   * What a kubelet tells about a container.
   *
   * @param state now
   * @param last how it ended before, if it did
   * @param restarts how many times it was started again
   */
  record Report(ContainerState state, Optional<ContainerState> last, int restarts) {}

  synchronized Report report() {
    noteEnd();
    return new Report(state, last, restarts);
  }

  /** {@return the process, if it runs} */
  synchronized Optional<Child> running() {
    return Optional.ofNullable(child).filter(Child::alive);
  }

  /** {@return whether it is time to start it} */
  synchronized boolean due() {
    noteEnd();
    return !(state instanceof ContainerState.Running) && System.nanoTime() >= nextStart;
  }

  /** Puts the next start off. */
  synchronized void delay() {
    nextStart = System.nanoTime() + RESTART_DELAY.toNanos();
  }

  synchronized void start() {
    Child started = children.start(command);
    restarts += state instanceof ContainerState.Waiting ? 0 : 1;
    state = new ContainerState.Running(Instant.now());
    child = started;
    started.exited().thenRun(changed);
    changed.run();
  }

  private void noteEnd() {
    if (child != null && !child.alive() && state instanceof ContainerState.Running(Instant since)) {
      state = new ContainerState.Terminated(since, Instant.now(), child.exited().join());
      last = Optional.of(state);
      delay();
    }
  }
}
