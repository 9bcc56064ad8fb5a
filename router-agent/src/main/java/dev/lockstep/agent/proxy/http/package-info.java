/**
 * HTTP/1 syntax on bytes, strict, without channels and without objects per header. One parser reads
 * requests and responses; whatever two implementations could read differently is refused.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.proxy.http.Head}, how a head is read
 *   <li>{@link dev.lockstep.agent.proxy.http.RequestHead}, what a request must be
 *   <li>{@link dev.lockstep.agent.proxy.http.BodyReader}, where a body ends
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.proxy.http;

import org.jspecify.annotations.NullMarked;
