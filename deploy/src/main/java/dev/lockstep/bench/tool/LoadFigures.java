package dev.lockstep.bench.tool;

import dev.lockstep.bench.load.Spread;
import java.util.List;
import java.util.Optional;

/**
 * What a load generator says of one run.
 *
 * @param requests answered in all
 * @param seconds that it took
 * @param latency from a request to its answer, if the tool tells
 * @param tls protocol and cipher suite, if the tool tells
 * @param faults answers and connections that went wrong, in words; none in a good run
 */
public record LoadFigures(
    long requests,
    double seconds,
    Optional<Spread> latency,
    Optional<String> tls,
    List<String> faults) {
  /** Copies the faults. */
  public LoadFigures {
    faults = List.copyOf(faults);
  }

  /** {@return requests per second} */
  public double rate() {
    return requests / seconds;
  }
}
