package dev.lockstep.local.process;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One running child process. Thread-safe: the operating system holds the state. */
public final class Child {
  private final Process process;

  Child(Process process) {
    this.process = process;
  }

  /** {@return its process id, which is also that of its process group where there is setsid} */
  public long pid() {
    return process.pid();
  }

  /** {@return whether it still runs; a paused process does} */
  public boolean alive() {
    return process.isAlive();
  }

  /** {@return its exit code, once it ended; 128 + N after signal N} */
  public CompletableFuture<Integer> exited() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /** Asks it to end (SIGTERM). */
  public void terminate() {
    process.destroy();
  }

  /** Ends it at once (SIGKILL), paused or not. */
  public void kill() {
    process.destroyForcibly();
  }

  /** Stops it in place (SIGSTOP): its sockets stay open, nothing in it runs. */
  public void pause() {
    signal("STOP");
  }

  /** Lets it go on after {@link #pause()} (SIGCONT). */
  public void resume() {
    signal("CONT");
  }

  /** Asks it to end, waits, and kills it when the grace period is over, as a paused one is. */
  public void stop(Duration grace) {
    terminate();
    if (!awaitExit(grace)) {
      kill();
      awaitExit(Duration.ofSeconds(10));
    }
  }

  /** {@return whether it ended within the time} */
  public boolean awaitExit(Duration timeout) {
    try {
      exited().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("process " + pid() + ": its exit cannot be read", e);
    }
  }

  private void signal(String name) {
    if (process.isAlive()) {
      // The shell's own kill: a separate kill program is missing on small machines.
      String script = "kill -" + name + " \"$0\"";
      Commands.run("sh", "-c", script, Long.toString(pid()));
    }
  }
}
