/**
 * The side of the backends: connections, kept and opened, and what comes back over them. It knows
 * nothing of clients.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.proxy.backend.UpstreamPool}, where connections come from
 *   <li>{@link dev.lockstep.agent.proxy.backend.Claim}, the way of a request to one of them
 *   <li>{@link dev.lockstep.agent.proxy.backend.Upstream} and {@link
 *       dev.lockstep.agent.proxy.backend.Asker}, the two ends of an exchange with a backend
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.proxy.backend;

import org.jspecify.annotations.NullMarked;
