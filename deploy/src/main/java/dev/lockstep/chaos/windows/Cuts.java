package dev.lockstep.chaos.windows;

import java.util.function.Function;

/**
 * Ways that can be cut in silence, each for a pod; what a cut returns heals it.
 *
 * @param links to and from all other replicas
 * @param api to the API server
 */
record Cuts(Function<String, Runnable> links, Function<String, Runnable> api) {
  /** Cuts both; what is returned heals both. */
  Runnable all(String pod) {
    Runnable links = this.links.apply(pod);
    Runnable api = this.api.apply(pod);
    return () -> {
      links.run();
      api.run();
    };
  }
}
