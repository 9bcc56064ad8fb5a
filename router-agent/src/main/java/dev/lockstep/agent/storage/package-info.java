/**
 * The last known good config on disk: what was acked is there before the ack leaves, and whatever
 * is damaged is ignored.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.storage.SnapshotStore}, what the composition root calls
 *   <li>{@code Generation}, the form of a file
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.storage;

import org.jspecify.annotations.NullMarked;
