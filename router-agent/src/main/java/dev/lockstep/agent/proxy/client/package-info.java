/**
 * The side of the clients: what they speak. Each request becomes a {@link
 * dev.lockstep.agent.proxy.http.RequestHead} and an exchange that answers it.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.proxy.client.Http1Client}, a connection of HTTP/1.1
 *   <li>{@link dev.lockstep.agent.proxy.client.Http2Client}, one of HTTP/2, and {@link
 *       dev.lockstep.agent.proxy.client.ClientStream}, a request on it
 *   <li>{@link dev.lockstep.agent.proxy.client.TlsNegotiation}, which of the two it will be
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.proxy.client;

import org.jspecify.annotations.NullMarked;
