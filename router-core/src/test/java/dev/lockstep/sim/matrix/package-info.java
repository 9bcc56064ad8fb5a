/**
 * Every fault at every step of what a mesh does, as {@code docs/fault-matrix.md} has it.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.sim.matrix.FaultMatrixTest}, the faults, the steps, and how they meet
 * </ul>
 */
package dev.lockstep.sim.matrix;
