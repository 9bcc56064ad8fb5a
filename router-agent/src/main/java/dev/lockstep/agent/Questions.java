package dev.lockstep.agent;

import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Question;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Callers who wait for an answer of the machine.
 *
 * <p>Thread-safe. A future that is cancelled, because its caller went away, is forgotten by the
 * machine too.
 */
final class Questions {
  private final AtomicLong ids = new AtomicLong();
  private final ConcurrentHashMap<Long, CompletableFuture<Answer>> waiting =
      new ConcurrentHashMap<>();
  private final ReplicaLoop loop;

  Questions(ReplicaLoop loop) {
    this.loop = loop;
  }

  /** Asks; the answer comes at the end of the time at the latest. */
  CompletableFuture<Answer> ask(Question.About about, Duration timeout, int minReplicas) {
    long id = ids.incrementAndGet();
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    answer.whenComplete(
        (given, thrown) -> {
          if (waiting.remove(id) != null && answer.isCancelled()) {
            loop.submit(new Event.Cancelled(id));
          }
        });
    loop.submit(new Event.Asked(new Question(id, about, loop.now().plus(timeout), minReplicas)));
    return answer;
  }

  /** The machine has answered. */
  void reply(Effect.Reply reply) {
    CompletableFuture<Answer> answer = waiting.get(reply.question());
    if (answer != null) {
      answer.complete(reply.answer());
    }
  }

  /** {@return how many callers wait} */
  int size() {
    return waiting.size();
  }
}
