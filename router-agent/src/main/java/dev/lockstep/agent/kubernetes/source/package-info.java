/**
 * Lists, watches and reads of Kubernetes objects, folded by resourceVersion, and the sources that
 * turn them into configs. A list that failed, was refused or is incomplete changes nothing.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.kubernetes.source.Fold}, which of two sightings is the newer
 *   <li>{@link dev.lockstep.agent.kubernetes.source.Reflector}, list and watch for ever
 *   <li>{@link dev.lockstep.agent.kubernetes.source.Sources}, the leader's view of all objects
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.kubernetes.source;

import org.jspecify.annotations.NullMarked;
