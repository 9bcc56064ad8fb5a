/**
 * The data plane put together: sockets that listen, and one worker per event loop.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.proxy.server.ProxyServer}, all that the rest of the process sees
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.proxy.server;

import org.jspecify.annotations.NullMarked;
