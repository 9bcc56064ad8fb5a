/**
 * The data plane beside nginx and HAProxy: all three in front of the same backend, one after the
 * other in each round.
 *
 * <p>Starting points: {@link dev.lockstep.bench.proxy.ProxyBench} is the benchmark; {@link
 * dev.lockstep.bench.proxy.Stage} starts what it needs; {@link dev.lockstep.bench.proxy.Case} says
 * what is measured; {@link dev.lockstep.bench.proxy.Rounds} measures it.
 */
@NullMarked
package dev.lockstep.bench.proxy;

import org.jspecify.annotations.NullMarked;
