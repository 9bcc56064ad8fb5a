package dev.lockstep.agent;

import dev.lockstep.agent.api.Control;
import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Question;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The machine as the API sees it. Thread-safe.
 *
 * @param loop runs the machine
 * @param takesRequests whether every event loop of the data plane does what the machine has decided
 * @param leavesAlone the endpoints that the data plane does not use as usual
 * @param questions callers who wait
 * @param notices people who listen
 */
record LoopControl(
    ReplicaLoop loop,
    BooleanSupplier takesRequests,
    Supplier<List<LeftAlone>> leavesAlone,
    Questions questions,
    Notices notices)
    implements Control {

  @Override
  public ReplicaView view() {
    return loop.view();
  }

  @Override
  public ReplicaView.Readiness readiness() {
    // The machine is asked BEFORE the data plane: "yes" of the latter may be about an earlier
    // opening if the machine closes and opens again between two looks.
    ReplicaView.Readiness decided = loop.view().readiness();
    return decided == ReplicaView.Readiness.READY && !takesRequests.getAsBoolean()
        ? ReplicaView.Readiness.SYNCING
        : decided;
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
  public List<LeftAlone> leftAlone() {
    return leavesAlone.get();
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
