/**
 * The deterministic simulator of a whole mesh: the main test of this project. One seed decides
 * sizes, timings, faults and workload; every invariant is checked after every event; then the
 * faults stop, and the mesh must converge and serve.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.sim.explore.SimulationTest}, thousands of schedules, and how to replay
 *       one
 *   <li>{@link dev.lockstep.sim.Cluster}, a mesh under the hand of a test
 *   <li>{@link dev.lockstep.sim.world.World}, what the machines live in
 *   <li>{@link dev.lockstep.sim.invariant.Invariants}, what must never happen
 * </ul>
 */
package dev.lockstep.sim;
