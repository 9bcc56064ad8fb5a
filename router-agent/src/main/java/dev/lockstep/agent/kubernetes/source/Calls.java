package dev.lockstep.agent.kubernetes.source;

import dev.lockstep.core.protocol.Event;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Runs blocking API calls, each on a thread of its own and against a deadline, so that no caller
 * waits and each call ends in exactly one outcome, whatever happens in it.
 *
 * <p>Thread-safe.
 */
public final class Calls {
  /** For people; a server can send any length. */
  private static final int LONGEST_REASON = 300;

  private final Duration deadline;
  private final Consumer<Event> events;

  /**
   * Makes calls possible.
   *
   * @param deadline of each call; a little more than the client's own time-out, which stops at the
   *     head of an answer and would wait for ever for its body
   * @param events where outcomes go
   */
  public Calls(Duration deadline, Consumer<Event> events) {
    this.deadline = deadline;
    this.events = events;
  }

  /** Tells the event that the call returns, or the one that stands for its failure. */
  public void emit(Supplier<Event> call, Function<String, Event> failure) {
    start(call)
        .whenComplete(
            (event, thrown) ->
                events.accept(thrown == null ? event : failure.apply(reason(thrown))));
  }

  /** {@return the outcome to be; after the deadline it is a {@link TimeoutException}} */
  public <T> CompletableFuture<T> start(Supplier<T> call) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    Thread thread = Thread.ofVirtual().name("kubernetes-call").start(() -> run(call, outcome));
    return outcome
        .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((result, thrown) -> abandon(thread, thrown));
  }

  /** A thread's top: whatever is thrown is the outcome. */
  @SuppressWarnings("CatchThrowable")
  private static <T> void run(Supplier<T> call, CompletableFuture<T> outcome) {
    try {
      outcome.complete(call.get());
    } catch (Throwable thrown) {
      outcome.completeExceptionally(thrown);
    }
  }

  private static void abandon(Thread thread, @org.jspecify.annotations.Nullable Throwable thrown) {
    if (thrown != null && cause(thrown) instanceof TimeoutException) {
      thread.interrupt();
    }
  }

  /** {@return the HTTP status with which the API server refused; 0 if it did not answer} */
  public static int status(Throwable thrown) {
    return cause(thrown) instanceof KubernetesClientException refused ? refused.getCode() : 0;
  }

  /** {@return one line for people: the server's answer, or why there was none} */
  public static String reason(Throwable thrown) {
    Throwable cause = cause(thrown);
    if (cause instanceof TimeoutException) {
      return "no answer in time";
    }
    if (cause instanceof KubernetesClientException refused && refused.getStatus() != null) {
      return shortened(refused.getCode() + " " + refused.getStatus().getMessage());
    }
    Throwable root = cause;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return shortened(root.getClass().getSimpleName() + ": " + root.getMessage());
  }

  private static Throwable cause(Throwable thrown) {
    return thrown instanceof CompletionException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
  }

  private static String shortened(String reason) {
    return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "…";
  }
}
