/**
 * A whole mesh and all that it lives in, on one virtual clock: API server, network, processes,
 * disks, data planes, clients. Everything a real shell does with an effect is done here with delays
 * and faults that one seed decides.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.sim.world.World}, the whole
 *   <li>{@link dev.lockstep.sim.world.SimShell}, the twin of the agent's loop
 *   <li>{@link dev.lockstep.sim.engine.Knobs}, what a seed can turn
 * </ul>
 */
package dev.lockstep.sim.world;
