/**
 * How a version gets to every replica, and how everybody learns that it did.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.core.replication.Installer}, from received to served
 *   <li>{@link dev.lockstep.core.replication.Pushes}, from committed to sent
 *   <li>{@link dev.lockstep.core.replication.Provenance}, which version an object is in
 *   <li>{@link dev.lockstep.core.replication.Barrier}, who waits for what
 * </ul>
 */
package dev.lockstep.core.replication;
