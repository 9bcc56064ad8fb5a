/**
 * What must never happen in a mesh, one class for each sentence, judged by an observer who sees
 * everything and shares no code with the machines.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.sim.invariant.Fact}, what the observer sees happen
 *   <li>{@link dev.lockstep.sim.invariant.Mesh}, what the observer can look at
 *   <li>{@link dev.lockstep.sim.invariant.BarrierReleasedOnlyWhenAllServe}, the sentence that all
 *       others serve
 * </ul>
 */
package dev.lockstep.sim.invariant;
