/**
 * What is done to a mesh: faults of every kind, drawn by a seed, each healed after a bounded time.
 *
 * <p>Starting points: {@link dev.lockstep.chaos.fault.FaultKind} is the list, {@link
 * dev.lockstep.chaos.fault.FaultScheduler} draws from it, and each {@link
 * dev.lockstep.chaos.fault.FaultSource} knows how some of them are made.
 */
@NullMarked
package dev.lockstep.chaos.fault;

import org.jspecify.annotations.NullMarked;
