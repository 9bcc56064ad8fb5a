package dev.lockstep.bench.proxy;

import dev.lockstep.bench.tool.LoadFigures;
import java.time.Duration;

/**
 * One turn of one contender.
 *
 * @param load what the generator says
 * @param cpu processor time of all its own processes
 */
record Sample(LoadFigures load, Duration cpu) {
  private static final double NANOS = 1e9;
  private static final double REQUESTS = 100_000;

  /** {@return processor seconds for 100,000 requests} */
  double cpuSeconds() {
    return cpu.toNanos() / NANOS * REQUESTS / load.requests();
  }
}
