/**
 * What is kept of each request once it is over: figures by route, and a line of the access log.
 * Each event loop writes into memory of its own; one thread of the access log, and whoever asks for
 * the figures, read it there.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.proxy.account.RequestRecord}, what is noted while a request goes
 *       on
 *   <li>{@link dev.lockstep.agent.proxy.account.LoopAccount}, where it goes when it is over
 *   <li>{@link dev.lockstep.agent.proxy.account.Failure}, the words for what went wrong
 *   <li>{@link dev.lockstep.agent.proxy.account.AccessLog}, lines that nobody waits for
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.proxy.account;

import org.jspecify.annotations.NullMarked;
