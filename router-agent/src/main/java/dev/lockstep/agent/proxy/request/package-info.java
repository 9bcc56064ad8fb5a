/**
 * The way of a request, whatever protocols it comes and goes by: judged, routed, given a backend,
 * passed on, answered.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.proxy.request.Exchange}, the way from the first to the last step
 *   <li>{@link dev.lockstep.agent.proxy.request.RequestGate}, where it goes, and whether
 *   <li>{@link dev.lockstep.agent.proxy.request.Worker}, what each event loop owns
 *   <li>{@link dev.lockstep.agent.proxy.request.Client}, who has asked
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.proxy.request;

import org.jspecify.annotations.NullMarked;
