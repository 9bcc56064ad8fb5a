/**
 * Exploration: a seed becomes a plan of faults and users' acts, and a plan becomes one life of a
 * mesh. What fails is made small.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.sim.explore.Schedule}, one life from its start to peace
 *   <li>{@link dev.lockstep.sim.explore.Faults} and {@link dev.lockstep.sim.explore.Workload}, what
 *       happens in it
 *   <li>{@link dev.lockstep.sim.explore.Minimiser}, from a failure to something to look at
 * </ul>
 */
package dev.lockstep.sim.explore;
