package dev.lockstep.core.routing;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import java.util.List;

/** What a table says about a host and a path. All of them exist before the request comes. */
public sealed interface RouteMatch {

  /** No route is for it. */
  enum Missing implements RouteMatch {
    /** Nobody knows the host. */
    HOST,
    /** The host is known, and none of its rules covers the path. */
    PATH
  }

  /**
   * A rule is for it.
   *
   * @param origin the object whose rule it is
   * @param match which of its rules
   * @param policy what holds for the request
   * @param sources who may come in, the compiled form of the policy's list
   * @param step what to do
   */
  record Found(
      ObjectKey origin, PathMatch match, RoutePolicy policy, SourceFilter sources, Step step)
      implements RouteMatch {}

  /** What happens to a request that may come in. */
  sealed interface Step {

    /**
     * Forward to one of these backends; {@link Balancer} chooses.
     *
     * @param shares not empty
     * @param totalWeight their sum; 0 means that nobody gets anything
     */
    record Forward(List<Share> shares, long totalWeight) implements Step {
      public Forward {
        shares = List.copyOf(shares);
      }
    }

    /**
     * Answer at once.
     *
     * @param status 200 to 599
     * @param body plain text
     */
    record Respond(int status, String body) implements Step {}
  }

  /**
   * One share of the traffic of a rule.
   *
   * @param backend where to
   * @param key of the backend in the table, so that no request has to build it
   * @param weight relative to its siblings
   */
  record Share(Backend.Id backend, String key, int weight) {}

  /** {@return the compiled form of an action} */
  static Step compile(Route.Action action) {
    return switch (action) {
      case Route.Action.Respond respond -> new Step.Respond(respond.status(), respond.body());
      case Route.Action.Forward forward -> {
        List<Share> shares =
            forward.shares().stream()
                .map(s -> new Share(s.backend(), Backend.key(s.backend()), s.weight()))
                .toList();
        yield new Step.Forward(shares, shares.stream().mapToLong(Share::weight).sum());
      }
    };
  }
}
