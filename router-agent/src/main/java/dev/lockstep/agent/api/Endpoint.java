package dev.lockstep.agent.api;

import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One row of the table of calls.
 *
 * @param path as the router spells it, {@code /v1/barriers/:version}
 * @param parameters names of the query parameters that it knows
 * @param scope who answers
 * @param read makes a call of the parameters; faults are left in these
 */
record Endpoint(String path, Set<String> parameters, Scope scope, Function<Parameters, Call> read) {

  /** Who answers. */
  enum Scope {
    /** The replica that was asked, about itself. */
    ANY_REPLICA,
    /** The leader; the others pass the call on. */
    LEADER
  }

  /**
   * What a caller wants.
   *
   * @param bound how long the answer may take
   * @param answer gives it, at once or later
   */
  record Call(Duration bound, Consumer<RoutingContext> answer) {
    static Call atOnce(Consumer<RoutingContext> answer) {
      return new Call(Duration.ZERO, answer);
    }
  }
}
