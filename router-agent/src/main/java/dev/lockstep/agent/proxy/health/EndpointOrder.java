package dev.lockstep.agent.proxy.health;

import dev.lockstep.agent.proxy.Mixing;
import dev.lockstep.core.config.Backend;
import java.util.Comparator;
import java.util.List;

/**
 * Orders of the endpoints of a backend that depend on who asks. Pure functions.
 *
 * <p>Each place in the order follows from the asker and that endpoint alone. So endpoints that come
 * and go leave the order of the others as it is, and it needs no memory.
 */
public final class EndpointOrder {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private EndpointOrder() {}

  /** {@return the endpoints in the order of this seed, which is another for every other seed} */
  public static List<Backend.Endpoint> of(List<Backend.Endpoint> endpoints, long seed) {
    return endpoints.stream()
        .sorted(
            Comparator.comparingLong((Backend.Endpoint it) -> rank(hash(it.toString()), seed))
                .thenComparing(Backend.Endpoint::toString))
        .toList();
  }

  /**
   * {@return the rank of an endpoint for an asker; the endpoint with the greatest one is the
   * asker's own (rendezvous hashing, Thaler and Ravishankar 1998)}
   */
  public static long rank(long endpoint, long asker) {
    return Mixing.mix(endpoint ^ asker);
  }

  /** {@return a number that stands for this text (FNV-1a)} */
  public static long hash(String text) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * FNV_PRIME;
    }
    return hash;
  }

  /** {@return a number that stands for these bytes (FNV-1a)} */
  public static long hash(byte[] bytes) {
    long hash = FNV_OFFSET;
    for (byte each : bytes) {
      hash = (hash ^ (each & 0xff)) * FNV_PRIME;
    }
    return hash;
  }
}
