/**
 * The data plane: accepts connections, reads requests, asks the route table, and passes requests
 * and responses on, on plain Netty. It knows one thing of the rest: the table that it serves.
 *
 * <p>This package holds what all parts of it use. They build on each other in this order: {@code
 * http} and {@code tls}, {@code account} and {@code health}, {@code backend}, {@code request},
 * {@code client}, {@code server}.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.proxy.ProxySettings}, what can be set
 *   <li>{@code server.ProxyServer}, all that the rest of the process sees
 *   <li>{@code request.Exchange}, the way of a request
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.proxy;

import org.jspecify.annotations.NullMarked;
