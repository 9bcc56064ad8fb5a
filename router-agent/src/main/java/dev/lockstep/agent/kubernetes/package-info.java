/**
 * Everything that speaks to the Kubernetes API: effects become requests, and outcomes, watches and
 * lists become events. Nothing here decides; the replica's machine does.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.kubernetes.KubernetesShell}, the front door
 *   <li>{@link dev.lockstep.agent.kubernetes.LeaseStore}, the Lease as a register
 *   <li>{@link dev.lockstep.agent.kubernetes.source.Sources}, from objects to configs
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.kubernetes;

import org.jspecify.annotations.NullMarked;
