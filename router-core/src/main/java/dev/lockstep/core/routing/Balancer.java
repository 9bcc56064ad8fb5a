package dev.lockstep.core.routing;

import dev.lockstep.core.config.Backend;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Spreads requests: shares by weight, then the endpoints of the chosen backend in turn.
 *
 * <p>Weights use a Weyl sequence: ticket number times the golden ratio, modulo one, falls evenly
 * over the unit interval for every run of tickets and every regular subset of them. So one counter
 * does for all rules, however their requests interleave. Endpoints go round strictly, with a
 * counter per backend that survives changes of the table.
 *
 * <p>Not thread-safe: each event loop has its own.
 */
public final class Balancer {
  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  /** Counters kept at most; beyond it all rounds start anew, which costs evenness once. */
  private static final int MAX_ROUNDS = 100_000;

  private static final class Round {
    private int next;
  }

  private final Map<Backend.Id, Round> rounds = new LinkedHashMap<>();
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

  /**
   * {@return the place of the next request in the round of this backend, for {@link Endpoints#at};
   * the places after it are where to try again}
   */
  public int place(Backend.Id backend) {
    Round round = rounds.get(backend);
    if (round == null) {
      if (rounds.size() >= MAX_ROUNDS) {
        rounds.clear();
      }
      round = new Round();
      rounds.put(backend, round);
    }
    return round.next++;
  }
}
