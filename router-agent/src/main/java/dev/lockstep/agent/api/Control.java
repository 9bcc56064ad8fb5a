package dev.lockstep.agent.api;

import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Question;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** What the API needs of the replica that it belongs to. Thread-safe, never blocks. */
public interface Control {

  /**
   * An endpoint that the data plane of this replica does not use as usual.
   *
   * @param namespace of its backend
   * @param address as its EndpointSlice has it
   * @param port 1 to 65535
   * @param ejected event loops that leave it alone because of its answers, or give it a trial
   * @param dead event loops that get no connection to it
   */
  record LeftAlone(String namespace, String address, int port, int ejected, int dead) {}

  /** {@return the picture after the last step} */
  ReplicaView view();

  /**
   * {@return whether this replica takes requests: ready only when the machine has decided so and
   * every event loop of the data plane does so}
   */
  ReplicaView.Readiness readiness();

  /** {@return the local monotonic clock, the one that the view's times are of} */
  NanoTime now();

  /**
   * {@return for how long the replica's loop has not taken an event although there was one to take;
   * zero when it is idle or on time}
   */
  Duration stalledFor();

  /** {@return the endpoints that the data plane here does not use as usual, in order} */
  List<LeftAlone> leftAlone();

  /**
   * Asks the machine.
   *
   * @param about what the caller waits for
   * @param timeout after which the answer comes in any case
   * @param minReplicas an answer "open" needs at least so many replicas
   * @return the answer; to cancel it is to withdraw the question
   */
  CompletableFuture<Answer> ask(Question.About about, Duration timeout, int minReplicas);

  /**
   * Tells a listener of everything that the machine announces, in order, with the view right after
   * the step that did. The listener must not block.
   *
   * @return ends it
   */
  Runnable subscribe(BiConsumer<Effect.Notice, ReplicaView> listener);
}
