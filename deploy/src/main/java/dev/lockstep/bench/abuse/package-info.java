/**
 * What floods of HTTP/2 cost others: a client beside them, and the memory of the replica.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.bench.abuse.AbuseBench}, the run
 *   <li>{@link dev.lockstep.bench.abuse.Attack}, the floods
 * </ul>
 */
@NullMarked
package dev.lockstep.bench.abuse;

import org.jspecify.annotations.NullMarked;
