package dev.lockstep.core.routing;

/**
 * Spreads the requests of a rule over its backends, by weight.
 *
 * <p>It uses a Weyl sequence: ticket number times the golden ratio, modulo one, falls evenly over
 * the unit interval for every run of tickets and every regular subset of them. So one counter does
 * for all rules, however their requests interleave.
 *
 * <p>Not thread-safe: each event loop has its own.
 */
public final class Balancer {
  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  private long ticket;

  /** {@return the share whose turn it is; the total weight must be positive} */
  public RouteMatch.Share share(RouteMatch.Step.Forward forward) {
    if (forward.totalWeight() <= 0) {
      throw new IllegalArgumentException("totalWeight: 0 (expected: positive)");
    }
    if (forward.shares().size() == 1) {
      return forward.shares().getFirst();
    }
    long left = Math.unsignedMultiplyHigh(ticket++ * GOLDEN_RATIO, forward.totalWeight());
    for (RouteMatch.Share share : forward.shares()) {
      left -= share.weight();
      if (left < 0) {
        return share;
      }
    }
    throw new IllegalStateException("weights do not add up: " + forward);
  }
}
