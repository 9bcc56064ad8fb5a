/**
 * What is known of the endpoints that requests go to, and what follows from it: who is left alone
 * and for how long, who may wait, what is sent again. All of it is decided on values and a clock
 * that is passed in; nothing here opens a socket or sets a timer.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.proxy.health.Health}, one endpoint, from its first failure to its
 *       return
 *   <li>{@link dev.lockstep.agent.proxy.health.Candidates}, which endpoints may be chosen
 *   <li>{@link dev.lockstep.agent.proxy.health.ClaimQueue}, who waits for a full backend
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.proxy.health;

import org.jspecify.annotations.NullMarked;
