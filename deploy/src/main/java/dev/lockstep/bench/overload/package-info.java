/**
 * What a replica does with several times the requests that its backend can take.
 *
 * <p>Starting point: {@link dev.lockstep.bench.overload.OverloadBench}, the run.
 */
@NullMarked
package dev.lockstep.bench.overload;

import org.jspecify.annotations.NullMarked;
