/**
 * Makes the cache with which a replica starts warm.
 *
 * <p>Starting point: {@link dev.lockstep.bench.training.Training}, the run.
 */
@NullMarked
package dev.lockstep.bench.training;

import org.jspecify.annotations.NullMarked;
