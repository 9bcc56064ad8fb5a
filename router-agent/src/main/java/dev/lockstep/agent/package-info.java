/**
 * The process: where all parts are made and joined. Only this package sees all the edges.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.ReplicaLoop}, which runs the machine
 *   <li>{@link dev.lockstep.agent.settings.AgentSettings}, everything that can be set
 * </ul>
 */
@NullMarked
package dev.lockstep.agent;

import org.jspecify.annotations.NullMarked;
