package dev.lockstep.local.process;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Says what is going on, each line with the seconds since the start. Thread-safe. */
public final class Progress {
  private static final Duration REMINDER = Duration.ofSeconds(5);

  private final PrintStream out;
  private final long start = System.nanoTime();

  /** Writes to this stream. */
  public Progress(PrintStream out) {
    this.out = out;
  }

  /** Says one thing. */
  public void say(String message) {
    synchronized (out) {
      out.printf("%7.1f s  %s%n", (System.nanoTime() - start) / 1e9, message);
      out.flush();
    }
  }

  /**
   * Runs something that may take a while, and says every few seconds that it still does.
   *
   * @param what what is going on, as in "building etcd"
   * @param detail how far it is, asked for with each line; may be empty
   * @return what the work returned
   */
  public <T> T during(String what, Supplier<String> detail, Callable<T> work) {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<T> result = executor.submit(work);
      long begin = System.nanoTime();
      while (true) {
        try {
          return result.get(REMINDER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          say(what + " ... " + (System.nanoTime() - begin) / 1_000_000_000 + " s " + detail.get());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + what, e);
    } catch (ExecutionException e) {
      throw failure(what, e);
    }
  }

  private static RuntimeException failure(String what, ExecutionException e) {
    if (e.getCause() instanceof RuntimeException cause) {
      return cause;
    }
    return new IllegalStateException(what + " failed: " + e.getCause(), e);
  }
}
