package dev.lockstep.agent;

import dev.lockstep.agent.api.Control;
import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Question;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** The machine as the API sees it. Thread-safe. */
record LoopControl(ReplicaLoop loop, Questions questions, Notices notices) implements Control {

  @Override
  public ReplicaView view() {
    return loop.view();
  }

  @Override
  public NanoTime now() {
    return loop.now();
  }

  @Override
  public Duration stalledFor() {
    return loop.stalledFor();
  }

  @Override
  public CompletableFuture<Answer> ask(Question.About about, Duration timeout, int minReplicas) {
    return questions.ask(about, timeout, minReplicas);
  }

  @Override
  public Runnable subscribe(BiConsumer<Effect.Notice, ReplicaView> listener) {
    return notices.subscribe(listener);
  }
}
