/**
 * Benchmarks and the load they need: each program starts what it measures, looks at it from
 * outside, prints a table, writes JSON, and cleans up.
 *
 * <p>Starting points: {@link dev.lockstep.bench.Bench} is the program behind {@code
 * deploy/bench/run}; {@link dev.lockstep.bench.ChangeLatency} and {@link
 * dev.lockstep.bench.proxy.ProxyBench} are its benchmarks; {@link dev.lockstep.bench.load.Load} is
 * the steady client of {@code deploy/e2e/run}.
 */
@NullMarked
package dev.lockstep.bench;

import org.jspecify.annotations.NullMarked;
