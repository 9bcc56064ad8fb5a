/**
 * What a simulated world is made of, whatever lives in it: one clock, one source of chance, ordered
 * streams, a trace, and counts of what was met.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.sim.engine.Scheduler}, the clock
 *   <li>{@link dev.lockstep.sim.engine.Mark}, what a run must have met
 *   <li>{@link dev.lockstep.sim.engine.Rule}, what a test can break on purpose
 * </ul>
 */
package dev.lockstep.sim.engine;
