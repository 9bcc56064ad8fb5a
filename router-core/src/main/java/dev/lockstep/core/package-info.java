/**
 * The whole machine of one replica.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.core.Replica}, read this first: one step, all roles
 *   <li>{@link dev.lockstep.core.ReplicaView}, what it shows of itself
 * </ul>
 */
package dev.lockstep.core;
