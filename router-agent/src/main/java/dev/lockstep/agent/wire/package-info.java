/**
 * Bytes: how messages and configs are written as JSON, and how they are read back without trust. No
 * other package knows the names of JSON fields that go over a link or onto a disk.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.wire.MessageCodec}, what goes over a link
 *   <li>{@link dev.lockstep.agent.wire.ConfigCodec}, snapshots, deltas and the form for the API
 *   <li>{@link dev.lockstep.agent.wire.Decoded}, what can come out of a message that was read
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.wire;

import org.jspecify.annotations.NullMarked;
