/**
 * The same seed gives the same bytes on any machine: the traces of the first schedules, as they
 * were where they were written down, and on machines that are made to differ.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.sim.bytes.SameBytesTest}, and how to write them down anew
 * </ul>
 */
package dev.lockstep.sim.bytes;
