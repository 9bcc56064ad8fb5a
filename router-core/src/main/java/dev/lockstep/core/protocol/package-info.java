/**
 * The vocabulary that all machines speak: what can happen to a replica, what it can ask for, and
 * what replicas say to each other. No behaviour lives here.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.core.protocol.Event}, all that can happen
 *   <li>{@link dev.lockstep.core.protocol.Effect}, all that a replica can ask the shell to do
 *   <li>{@link dev.lockstep.core.protocol.Message}, what goes over a link between two replicas
 * </ul>
 */
package dev.lockstep.core.protocol;
