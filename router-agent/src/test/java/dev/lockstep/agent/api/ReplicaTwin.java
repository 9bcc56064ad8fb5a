package dev.lockstep.agent.api;

import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Question;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A replica whose state and answers a test decides. Thread-safe. */
public final class ReplicaTwin implements Control {

  /** A question and the caller who waits for its answer. */
  public record Asked(
      Question.About about, Duration timeout, int minReplicas, CompletableFuture<Answer> answer) {}

  /** What it was asked, oldest first. */
  public final List<Asked> asked = new CopyOnWriteArrayList<>();

  private final List<BiConsumer<Effect.Notice, ReplicaView>> listeners =
      new CopyOnWriteArrayList<>();
  private volatile ReplicaView view;
  private volatile Duration stalledFor = Duration.ZERO;
  private volatile boolean takesRequests = true;
  private volatile Consumer<Asked> answering = asked -> {};

  /** A twin that shows this, and lets its callers wait. */
  public ReplicaTwin(ReplicaView view) {
    this.view = view;
  }

  /** Shows this from now on. */
  public void show(ReplicaView changed) {
    view = changed;
  }

  /** Says so from now on, to every question at once. */
  public void answer(Answer answer) {
    answering = asked -> asked.answer().complete(answer);
  }

  /** Does this with every question from now on. */
  public void answerBy(Consumer<Asked> how) {
    answering = how;
  }

  /** Seems not to move. */
  public void stall(Duration duration) {
    stalledFor = duration;
  }

  /** Seems to have an event loop that does not take requests yet, whatever was decided. */
  public void hesitate() {
    takesRequests = false;
  }

  /** Announces this to all listeners. */
  public void announce(Effect.Notice notice) {
    listeners.forEach(listener -> listener.accept(notice, view));
  }

  @Override
  public ReplicaView view() {
    return view;
  }

  @Override
  public ReplicaView.Readiness readiness() {
    return takesRequests ? view.readiness() : ReplicaView.Readiness.SYNCING;
  }

  @Override
  public NanoTime now() {
    return new NanoTime(System.nanoTime() & Long.MAX_VALUE);
  }

  @Override
  public Duration stalledFor() {
    return stalledFor;
  }

  @Override
  public List<LeftAlone> leftAlone() {
    return List.of(new LeftAlone("shop", "10.0.0.9", 8080, 1, 3));
  }

  @Override
  public CompletableFuture<Answer> ask(Question.About about, Duration timeout, int minReplicas) {
    Asked question = new Asked(about, timeout, minReplicas, new CompletableFuture<>());
    asked.add(question);
    answering.accept(question);
    return question.answer();
  }

  @Override
  public Runnable subscribe(BiConsumer<Effect.Notice, ReplicaView> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
