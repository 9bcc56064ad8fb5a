/**
 * The data plane: accepts connections, reads requests, asks the route table, and passes requests
 * and responses on, on plain Netty. It knows one thing of the rest: the table that it serves.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.proxy.ProxyServer}, all that the rest of the process sees
 *   <li>{@link dev.lockstep.agent.proxy.Worker}, what each event loop owns
 *   <li>{@link dev.lockstep.agent.proxy.ClientConnection} and {@link
 *       dev.lockstep.agent.proxy.Exchange}, the way of a request
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.proxy;

import org.jspecify.annotations.NullMarked;
