/**
 * Would the simulation notice? Each patch in {@code src/test/broken} breaks one rule of the
 * protocol in a copy of the sources, and some schedule must violate an invariant.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.sim.broken.BrokenOnPurposeTest}, what is run
 *   <li>{@link dev.lockstep.sim.broken.Patch}, what is broken
 *   <li>{@link dev.lockstep.sim.broken.Build}, the copy that it is applied to
 *   <li>{@link dev.lockstep.sim.broken.Search}, how a violation is found
 * </ul>
 */
package dev.lockstep.sim.broken;
