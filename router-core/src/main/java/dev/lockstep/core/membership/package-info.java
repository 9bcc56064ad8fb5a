/**
 * Whom a barrier must hear from. A pod is a compare-and-swap register: the set grows before a write
 * is sent and shrinks only after one was confirmed and the drain time has passed.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.core.membership.InSyncSet}, the machine
 *   <li>{@link dev.lockstep.core.membership.Member}, one replica as the leader counts it
 *   <li>{@link dev.lockstep.core.membership.Fence}, who may be taken out of traffic, and when
 * </ul>
 */
package dev.lockstep.core.membership;
