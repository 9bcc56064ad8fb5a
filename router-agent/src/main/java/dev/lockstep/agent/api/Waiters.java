package dev.lockstep.agent.api;

import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Question;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Callers who wait: for this replica's machine, or for the leader that their call was passed on to.
 * A bounded number; whoever hangs up is forgotten at once. Confined to the event loop.
 */
final class Waiters {
  /** The machine answers at the deadline: this is for a machine that does not move at all. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  /**
   * What a caller waits for.
   *
   * @param about the condition
   * @param timeout how long
   * @param minReplicas how many must have applied at least
   */
  record Wait(Question.About about, Duration timeout, int minReplicas) {}

  private final Vertx vertx;
  private final Control control;
  private final int max;
  private int waiting;

  Waiters(Vertx vertx, Control control, int max) {
    this.vertx = vertx;
    this.control = control;
    this.max = max;
  }

  /** Lets the caller wait; it gets a problem instead of an answer if that cannot be. */
  void ask(RoutingContext context, Wait wait, Consumer<Answer> then) {
    if (!enter(context)) {
      return;
    }
    Context loop = vertx.getOrCreateContext();
    CompletableFuture<Answer> answer =
        control.ask(wait.about(), wait.timeout(), wait.minReplicas());
    context.response().closeHandler(gone -> answer.cancel(false));
    long timer =
        vertx.setTimer(
            wait.timeout().plus(GRACE).toMillis(),
            late -> {
              answer.cancel(false);
              Replies.problem(context, Problem.of(Problem.Kind.STALLED, "no answer in time"));
            });
    answer.whenComplete(
        (given, failure) ->
            loop.runOnContext(
                now -> {
                  leave();
                  vertx.cancelTimer(timer);
                  if (failure == null) {
                    then.accept(given);
                  } else if (!answer.isCancelled()) {
                    context.fail(failure);
                  }
                }));
  }

  /** {@return whether there is room for one more; if not, the caller was told} */
  boolean enter(RoutingContext context) {
    if (waiting >= max) {
      String detail = "waiters: " + waiting + " (expected: fewer; try later)";
      Replies.problem(context, Problem.of(Problem.Kind.OVERLOADED, detail));
      return false;
    }
    waiting++;
    return true;
  }

  /** One who entered is done. */
  void leave() {
    waiting--;
  }

  /** {@return how many wait} */
  int size() {
    return waiting;
  }
}
