/**
 * Requests and what comes back, with as little as possible between the wire and the clock. Needs
 * nothing but the JDK, so that {@link dev.lockstep.bench.load.Load} runs wherever a cluster can be
 * reached from.
 *
 * <p>Starting points: {@link dev.lockstep.bench.load.HttpConnection}, {@link
 * dev.lockstep.bench.load.Load}.
 */
@NullMarked
package dev.lockstep.bench.load;

import org.jspecify.annotations.NullMarked;
