/**
 * Who leads, and how long we may believe it: one Lease as a linearizable register. Nothing here
 * trusts another machine's clock, and nothing is believed before a write is confirmed.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.core.lease.Election}, the machine
 *   <li>{@link dev.lockstep.core.lease.LeaseSight}, what is known of the Lease, and since when
 * </ul>
 */
package dev.lockstep.core.lease;
